"""The part of the report about luck: what the statistics of significance.json say, in texts for the page; each without a value says why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.metric_table import format_metric

Content = Mapping[str, Any]

ABSENT = "This run was made before the program computed these statistics; a new run computes them."
BENCHMARKS = {"cash": "cash", "buy_and_hold": "buy and hold"}
COUNTS: Mapping[str, tuple[str, str]] = {
    "raw": ("all trials", "Every trial that ran, duplicates included."),
    "unique": ("of different returns", "Trials with daily returns that no other has."),
    "average_correlation": ("by average correlation", "r + (1 - r) N with the average correlation r of the trials' daily returns."),
    "effective_rank": ("by effective rank", "Exponential of the entropy of the eigenvalues of the trials' correlations."),
    "participation": ("by participation", "N² over the sum of the squared eigenvalues of the trials' correlations."),
    "clustered": ("by clusters", "Groups of trials whose daily returns go together."),
}
VARIANTS = {"medoids": "one trial of each cluster", "all": "all trials", "draws": "random draws of the search alone"}


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure: ``text`` is its value or n/a, ``more`` what stands beside it: details, or why there is no value."""

    label: str
    definition: str
    text: str
    more: str


def significance_context(content: Content | None) -> dict[str, Any] | None:
    """Return what the template shows of a market's significance.json, None where there is none."""
    if content is None:
        return None
    return {
        "sentences": _sentences(content),
        "accounts": _accounts(content["winner"], content["out_of_sample"]),
        "tests": [*_deflated(content), *_overfitting(content), *_comparisons(content), *_shuffles(content), *_futures(content)],
        "counts": _counts(content["deflated_sharpe"]),
        "spread": _spread(content["deflated_sharpe"]),
        "variants": _variants(content["overfitting_probability"]),
        "drawdowns": _drawdowns(content["monte_carlo"]),
        "note": content["monte_carlo"]["sentence"] or "",
    }


def _sentences(content: Content) -> list[str]:
    trials, data, benchmark = content["trials"], content["data"], content["benchmark"]
    states = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in trials["states"].items())
    tried = (
        f"{trials['raw']:,} trials, {trials['unique']:,} of them different ({states}); the daily returns of {trials['compared']:,} are "
        f"compared, over {data['days']:,} days. The walk-forward windows tried {trials['in_windows']:,} more."
    )
    beside = (
        f"The benchmark is the better of cash and buy and hold, here {BENCHMARKS.get(benchmark['name'], benchmark['name'])}: return "
        f"{format_metric('return_pct', benchmark['return_pct'])}, annual Sharpe ratio {_two(benchmark['sharpe'])}, costs paid."
    )
    return [tried, beside]


def _accounts(winner: Content, outside: Content) -> list[dict[str, Any]]:
    """Return a row per figure that both the winner (in sample) and the out-of-sample account have."""

    def row(label: str, definition: str, read: Callable[[Content], tuple[str, str]]) -> dict[str, Any]:
        return {"label": label, "definition": definition, "cells": [read(winner), read(outside)]}

    return [
        row("Sharpe ratio", "Of daily returns, annual.", lambda each: (_two(each["sharpe"]), "")),
        row(
            "Probabilistic Sharpe ratio", "Probability that the true Sharpe ratio is above 0 (Bailey and López de Prado 2012).",
            lambda each: _value(each["psr"], _percent),
        ),
        row(
            "The same with autocorrelation", "As above, for returns that follow on each other (2025 convention, AR(1)).",
            lambda each: _value(each["psr_autocorrelated"], _percent),
        ),
        row(
            "Track record needed", "Years of daily returns like these until a true Sharpe ratio above 0 is 95 % sure.",
            lambda each: _value(each["track_record_years"], lambda years: f"{years:,.2f} years"),
        ),
        *(
            row(label, "Bootstrap interval (BCa): where the true figure lies with the probability beside it.", _interval_of(name, shown))
            for name, label, shown in (
                ("sharpe", "Sharpe ratio, interval", _two), ("profit_factor", "Profit factor, interval", _two),
                ("max_drawdown", "Max drawdown, interval", lambda value: format_metric("max_drawdown", value)),
            )
        ),
    ]  # fmt: skip


def _interval_of(name: str, shown: Callable[[float], str]) -> Callable[[Content], tuple[str, str]]:
    def read(account: Content) -> tuple[str, str]:
        interval = account["intervals"][name]
        if interval["low"] is None or interval["high"] is None:
            return "n/a", interval["reason"] or ""
        return f"{shown(interval['low'])} to {shown(interval['high'])}", f"{100 * interval['level']:.0f} %"

    return read


def _deflated(content: Content) -> list[Stated]:
    deflated, haircut = content["deflated_sharpe"], content["haircut"]
    beside = "" if deflated["value"] is None else (
        f"beyond a Sharpe ratio of {_two(deflated['threshold_sharpe'])}, the best to expect of {_count(deflated['trials'])} independent "
        "trials"
    )  # fmt: skip
    return [
        _stated(
            "Deflated Sharpe ratio", "Probability that the winner's true Sharpe ratio is above the best that so many trials without any "
            "edge are expected to show (Bailey and López de Prado 2014).", deflated, _percent, beside,
        ),
        *(
            _stated(
                f"Sharpe ratio less haircut, {name}", "The winner's annual Sharpe ratio that is left when its p-value is corrected for the "
                f"number of trials by the method of {name} (Harvey and Liu 2015).", haircut[key], _two, _p_beside(haircut[key]),
            )
            for key, name in (("bonferroni", "Bonferroni"), ("holm", "Holm"), ("bhy", "Benjamini, Hochberg and Yekutieli"))
        ),
        _stated(
            "Backtest length needed", "Years of data below which so many trials are expected to show the winner's Sharpe ratio without any "
            "edge (Bailey, Borwein, López de Prado and Zhu 2014).", content["minimum_backtest_years"], lambda years: f"{years:,.2f} years",
        ),
    ]  # fmt: skip


def _overfitting(content: Content) -> list[Stated]:
    found = content["overfitting_probability"]
    beside = "" if found["value"] is None else (
        f"slope across the trials {_two(found['skill_slope'])}, of the chosen ones {_two(found['slope'])} (R² {_two(found['r_squared'])}); "
        f"loss out of sample {_percent(found['probability_of_loss'])}; {_count(found['splits'])} splits of {_count(found['blocks'])} blocks"
    )  # fmt: skip
    return [
        _stated(
            "Probability of overfitting (PBO)", "How often the best trial of one half of the days is in the worse half of the trials on "
            "the other half. Slope: how much of a trial's lead over the others in sample it keeps out of sample, 1 being all of it.",
            found, _percent, beside,
        ),
        _stated(
            "Sharpe ratio of combinatorial paths", "Median annual Sharpe ratio of the paths put together from all ways to leave groups of "
            "days out, choose the best trial on the rest and test it there (CPCV).", content["paths"], _two,
            _paths_beside(content["paths"]),
        ),
    ]  # fmt: skip


def _paths_beside(paths: Content) -> str:
    if paths["value"] is None:
        return ""
    return (
        f"{_percent(paths['share_positive'])} of {len(paths['sharpes'])} paths above 0; {_count(paths['groups'])} groups, "
        f"{_count(paths['tested'])} tested, purge {_count(paths['purge_days'])} and embargo {_count(paths['embargo_days'])} days"
    )


def _comparisons(content: Content) -> list[Stated]:
    superior, stepwise = content["superior_ability"], content["romano_wolf"]
    beside = "" if superior["value"] is None else (
        f"between {superior['p_lower']:.3f} and {superior['p_upper']:.3f}; {_count(superior['resamples'])} resamples in blocks of "
        f"{superior['block']:.1f} days on average"
    )  # fmt: skip
    named = ", ".join(map(str, (stepwise["trials"] or ())[:12]))
    return [
        _stated(
            "Superior predictive ability (SPA)", "p-value: how often the best of all trials would look this good beside the benchmark if "
            "none of them were better (Hansen 2005, consistent).", superior, _p, beside,
        ),
        _stated("Reality check", "The same question without Hansen's refinements (White 2000); cautious.", content["reality_check"], _p),
        _stated(
            "Trials that beat the benchmark", "How many single trials are better than the benchmark beyond doubt, all looks counted "
            "(Romano and Wolf 2005).", stepwise, _count, named,
        ),
    ]  # fmt: skip


def _shuffles(content: Content) -> list[Stated]:
    searched = "a fixed set of parameters as large as the search"
    return [
        _stated(
            label, f"p-value: how often the best of {searched} does as well on candles whose order was shuffled{where}; the real candles "
            "count as one of them.", content[name], _p, _shuffle_beside(content[name]),
        )
        for name, label, where in (
            ("permutation", "Shuffled candles", ""),
            ("walkforward_permutation", "Shuffled candles, walk-forward", " after the first training window"),
        )
    ]  # fmt: skip


def _shuffle_beside(test: Content) -> str:
    if test["value"] is None:
        return ""
    counted = f"{_count(test['better'])} of {_count(test['permutations'])} did as well by {str(test['objective']).replace('_', ' ')}"
    return f"{counted}. {test['note']}" if test["note"] else counted


def _futures(content: Content) -> list[Stated]:
    simulated = content["monte_carlo"]
    ruin = "; ".join(
        f"falls to {100 * each['level']:.0f} % of the start: {_percent(each['probability'])}" for each in simulated["ruin"] or ()
    )
    return [
        _stated(
            "Simulated return", "Median final return of accounts whose days are drawn in blocks from the out-of-sample days.", simulated,
            lambda value: format_metric("return_pct", value), ruin,
        )
    ]  # fmt: skip


def _counts(deflated: Content) -> list[list[str]]:
    """Return rows of name, definition, N and the deflated Sharpe ratio with it; the one that the gate uses is marked."""
    values = {each["count"]: each for each in deflated["variants"] or ()}
    return [
        [
            f"{label} (used)" if name == deflated["count"] else label, definition, _number(values[name]["trials"]),
            _percent(values[name]["value"]),
        ]
        for name, (label, definition) in COUNTS.items()
        if name in values
    ]  # fmt: skip


def _spread(deflated: Content) -> str:
    """Return how far the trials' Sharpe ratios spread, those of a sampler that learned and of its random start."""
    if deflated["variance"] is None:
        return ""
    alone = deflated["variance_of_draws"]
    return f"Variance of the trials' annual Sharpe ratios: {deflated['variance']:,.3g}" + (
        "." if alone is None else f"; of the random draws alone: {alone:,.3g}."
    )


def _variants(found: Content) -> list[dict[str, Any]]:
    """Return ``{"label", "reason", "cells"}`` per set: PBO, slope, probability of loss and columns, or why it has none."""
    if found["value"] is None and not found["variants"]:
        return []
    every: Mapping[str, Content] = {"medoids": found, **(found["variants"] or {})}
    return [
        {"label": VARIANTS.get(name, name), "reason": _value(each, _percent)[1], "cells": _variant(each)} for name, each in every.items()
    ]


def _variant(found: Content) -> list[str]:
    return [
        _percent(found["value"]),
        _two(found["skill_slope"]),
        _two(found["slope"]),
        _percent(found["probability_of_loss"]),
        _count(found["columns"]),
    ]


def _drawdowns(simulated: Content) -> list[list[str]]:
    """Return rows of probability, drawdown of the simulated accounts and of the shuffled trades."""
    days, shuffled = simulated["drawdown"] or {}, simulated["shuffled_drawdown"] or {}
    names = sorted({*days, *shuffled}, key=float)
    return [[f"{100 * float(name):g} %", *(format_metric("max_drawdown", each.get(name)) for each in (days, shuffled))] for name in names]


def _p_beside(haircut: Content) -> str:
    return "" if haircut["p_value"] is None else f"p-value {_p(haircut['p_value'])}"


def _stated(label: str, definition: str, statistic: Content, shown: Callable[[float], str], beside: str = "") -> Stated:
    text, reason = _value(statistic, shown)
    return Stated(label, definition, text, reason or beside)


def _value(statistic: Content, shown: Callable[[float], str]) -> tuple[str, str]:
    """Return the text of a statistic's value, and why there is none."""
    if statistic["value"] is None:
        return "n/a", statistic["reason"] or "no reason was given"
    return shown(statistic["value"]), ""


def _percent(share: float | None) -> str:
    return "n/a" if share is None else f"{100 * share:.1f} %"


def _two(value: float | None) -> str:
    return "n/a" if value is None else f"{value:,.2f}"


def _p(value: float) -> str:
    return f"{value:.3f}" if value >= 0.001 else f"{value:.1e}"


def _number(value: float) -> str:
    return f"{value:,.1f}"


def _count(value: Any) -> str:
    return "n/a" if value is None else f"{value:,.4g}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
