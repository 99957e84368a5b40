"""What stands beside the statistics of luck: other counts of trials, other sets of them, drawdowns to expect; as rows of texts."""

from collections.abc import Mapping
from typing import Any

from reporting.gate_texts import percent, plain
from reporting.metric_table import format_metric
from reporting.significance_gates import plain_count
from reporting.stated import value_or_reason

Content = Mapping[str, Any]

COUNTS: Mapping[str, tuple[str, str]] = {
    "raw": ("all trials", "Every trial that ran, duplicates included."),
    "unique": ("different returns", "Trials with daily returns of their own, which other parameters need not bring."),
    "average_correlation": ("by average correlation", "r + (1 - r) N with the average correlation r of the trials' daily returns."),
    "effective_rank": ("by effective rank", "Exponential of the entropy of the eigenvalues of the trials' correlations."),
    "participation": ("by participation", "N² over the sum of the squared eigenvalues of the trials' correlations."),
    "clustered": ("by clusters", "Groups of trials whose daily returns go together."),
}
VARIANTS = {"medoids": "one trial of each cluster", "all": "all trials", "draws": "start-up trials only"}


def count_rows(deflated: Content) -> list[list[str]]:
    """Return rows of name, definition, N and the deflated Sharpe ratio with it; the one that the gate uses is marked."""
    values = {each["count"]: each for each in deflated["variants"] or ()}
    return [
        [
            f"{label} (used)" if name == deflated["count"] else label, definition, plain_count(values[name]["trials"]),
            percent(values[name]["value"]),
        ]
        for name, (label, definition) in COUNTS.items()
        if name in values
    ]  # fmt: skip


def spread(deflated: Content) -> str:
    """Return how far the trials' Sharpe ratios spread, those of a sampler that learned and of its random start."""
    if deflated["variance"] is None:
        return ""
    alone = deflated["variance_of_draws"]
    return f"Variance of the trials' annual Sharpe ratios: {deflated['variance']:,.3g}" + (
        "." if alone is None else f"; of the start-up trials only: {alone:,.3g}."
    )


def variant_rows(found: Content) -> list[dict[str, Any]]:
    """Return ``{"label", "reason", "cells"}`` per set: PBO, slope, probability of loss and columns, or why it has none."""
    if found["value"] is None and not found["variants"]:
        return []
    every: Mapping[str, Content] = {"medoids": found, **(found["variants"] or {})}
    return [
        {"label": VARIANTS.get(name, name), "reason": value_or_reason(each, percent)[1], "cells": _variant(each)}
        for name, each in every.items()
    ]


def _variant(found: Content) -> list[str]:
    return [
        percent(found["value"]),
        plain(found["skill_slope"]),
        plain(found["slope"]),
        percent(found["probability_of_loss"]),
        plain_count(found["columns"]),
    ]


def drawdown_rows(simulated: Content) -> list[list[str]]:
    """Return rows of probability, drawdown of the simulated accounts and of the shuffled trades."""
    days, shuffled = simulated["drawdown"] or {}, simulated["shuffled_drawdown"] or {}
    names = sorted({*days, *shuffled}, key=float)
    return [[f"{100 * float(name):g} %", *(format_metric("max_drawdown", each.get(name)) for each in (days, shuffled))] for name in names]
