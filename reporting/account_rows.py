"""The figures that winner and out-of-sample account both have: how sure their Sharpe ratios are, how far the others could be off."""

from collections.abc import Callable, Mapping
from typing import Any

from reporting.gate_texts import percent, percent_of_limit, plain
from reporting.metric_table import format_metric
from reporting.significance_gates import reason_of
from reporting.stated import value_or_reason

Content = Mapping[str, Any]


def account_rows(winner: Content, outside: Content) -> list[dict[str, Any]]:
    """Return a row per figure that both the winner (in sample) and the out-of-sample account have."""

    def row(label: str, definition: str, read: Callable[[Content], tuple[str, str]]) -> dict[str, Any]:
        return {"label": label, "definition": definition, "cells": [read(winner), read(outside)]}

    return [
        row(
            "Sharpe ratio", "Of daily returns, annual.",
            lambda each: value_or_reason({"value": each["sharpe"], "reason": each["psr"]["reason"]}, plain),
        ),
        row(
            "Sharpe ratio with autocorrelation", "The same annualized for days that depend on the day before (Lo 2002).",
            lambda each: value_or_reason(each["sharpe_autocorrelated"], plain),
        ),
        row(
            "Probabilistic Sharpe ratio", "Probability that the true Sharpe ratio is above 0 (Bailey and López de Prado 2012).",
            lambda each: value_or_reason(each["psr"], percent),
        ),
        row(
            "The same with autocorrelation", "As above, for returns that follow on each other (2025 convention, AR(1)).",
            lambda each: value_or_reason(each["psr_autocorrelated"], percent),
        ),
        row(
            "The same of any dependence", "As above, by the long-run variance of the returns (Newey and West 1987).",
            lambda each: value_or_reason(each["psr_robust"], percent),
        ),
        row(
            "Track record needed", "Years of daily returns like these until a true Sharpe ratio above 0 is 95 % sure.",
            lambda each: value_or_reason(each["track_record_years"], lambda years: f"{years:,.2f} years"),
        ),
        *(
            row(label, "Bootstrap interval (BCa): where the true figure lies with the probability beside it.", _interval_of(name, shown))
            for name, label, shown in (
                ("sharpe", "Sharpe ratio, interval", plain), ("profit_factor", "Profit factor, interval", plain),
                ("max_drawdown", "Max drawdown, interval", lambda value: format_metric("max_drawdown", value)),
            )
        ),
    ]  # fmt: skip


def _interval_of(name: str, shown: Callable[[float], str]) -> Callable[[Content], tuple[str, str]]:
    def read(account: Content) -> tuple[str, str]:
        interval = account["intervals"][name]
        if interval["low"] is None or interval["high"] is None:
            return "n/a", reason_of(interval)
        return f"{shown(interval['low'])} to {shown(interval['high'])}", percent_of_limit(interval["level"])

    return read
