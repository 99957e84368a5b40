"""The part of the report about how walk-forward's result stands up: depth of its windows, stress, regimes; absent in older runs."""

from collections.abc import Mapping
from typing import Any

from reporting.metric_table import format_metric

STRESS_COLUMNS: Mapping[str, tuple[str, str]] = {
    "net_pnl": ("Net P&L", "Of all windows together, with this one thing changed and nothing searched again."),
    "kept": ("Kept", "Share of the undisturbed net P&L that is left; undefined where there was no profit."),
    "worst_net_pnl": ("Worst draw", "The lowest net P&L of several draws; of a single one its own."),
    "return_pct": ("Return", "Net P&L as a share of the initial capital."),
    "sharpe_ratio": ("Sharpe", "Mean of the per-bar returns over their standard deviation, annualized."),
    "profit_factor": ("Profit factor", "Net profits of the winners over net losses of the losers."),
    "max_drawdown": ("Max drawdown", "Deepest fall of equity below its highest point so far."),
    "total_trades": ("Trades", "Closed trades."),
}
REGIME_COLUMNS: Mapping[str, tuple[str, str]] = {
    "bars": ("Bars", "Out-of-sample bars in this regime."),
    "share": ("Share", "Share of all out-of-sample bars."),
    "trades": ("Trades", "Trades that were entered in this regime."),
    "net_pnl": ("Net P&L", "Change of equity over the bars of this regime; all regimes add up to the whole."),
    "sharpe_ratio": ("Sharpe", "Of the returns of the bars of this regime, annualized."),
}
PATH_COLUMNS: Mapping[str, tuple[str, str]] = {
    name: STRESS_COLUMNS[name] for name in ("net_pnl", "sharpe_ratio", "max_drawdown", "total_trades")
}
WINDOW_DEPTH: Mapping[str, tuple[str, str]] = {
    "efficiency": ("Efficiency", "Yearly return out of sample over that in sample: 1 is all of what the search showed."),
    "rank_correlation": ("Rank correlation", "Spearman's, of all trials in sample with the same out of sample: does better stay better?"),
    "selection_skill": ("Skill (Sharpe)", "Out of sample, the Sharpe ratio of the chosen parameters less that of the median trial."),
    "selection_skill_net_pnl": ("Skill (P&L)", "Out of sample, the net P&L of the chosen parameters less that of the median trial."),
    "trials_tested": ("Trials tested", "Different trials of the search that were tested out of sample beside the chosen one."),
}  # fmt: skip
# What is told of all windows together.
_OVERALL = ("efficiency", "rank_correlation", "selection_skill", "selection_skill_net_pnl")
# How a figure is shown that is no metric, or not under its own name; the others are shown as the metrics that they are.
_SHARES = ("kept", "share", "efficiency")
_COUNTS = ("bars", "trades", "trials_tested")
_SHOWN_AS = {
    "worst_net_pnl": "net_pnl", "selection_skill_net_pnl": "net_pnl", "rank_correlation": "correlation", "selection_skill": "sharpe_ratio",
}  # fmt: skip


def stress_rows(walkforward: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row of texts per scenario: ``{"label", "sentence", "cells"}``."""
    return [
        {"label": each["label"], "sentence": each["sentence"], "cells": [_text(name, each[name]) for name in STRESS_COLUMNS]}
        for each in walkforward.get("stress") or ()
    ]


def regime_rows(walkforward: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row of texts per regime: ``{"label", "cells"}``."""
    return [
        {"label": regime_label(each), "cells": [_text(name, each[name]) for name in REGIME_COLUMNS]}
        for each in walkforward.get("regimes") or ()
    ]


def path_rows(walkforward: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row of texts per path of combinatorial windows: ``{"label", "cells"}``; none of windows that follow each other."""
    used = walkforward.get("stitched_path")
    return [
        {
            "label": f"{each['path']}{' (used)' if each['path'] == used else ''}",
            "cells": [_text(name, each[name]) for name in PATH_COLUMNS],
        }
        for each in walkforward.get("paths") or ()
    ]


def regime_label(regime: Mapping[str, Any]) -> str:
    """Return a regime's name, or that too little was known to tell it."""
    if regime["trend"] is None:
        return "not known yet"
    return f"{regime['trend']}, {regime['volatility']}"


def depth_columns(walkforward: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (head, definition) of the figures of depth that the windows have; none in older runs."""
    return [WINDOW_DEPTH[name] for name in _depth_names(walkforward)]


def depth_cells(walkforward: Mapping[str, Any], window: Mapping[str, Any]) -> list[str]:
    """Return the texts of one window below ``depth_columns``."""
    return [_text(name, window[name]) for name in _depth_names(walkforward)]


def depth_scores(walkforward: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (name, text, definition) of each figure of depth over all windows; none in older runs."""
    return [(head, _text(name, walkforward[name]), definition) for name, head, definition in _overall() if name in walkforward]


def _overall() -> list[tuple[str, str, str]]:
    return [(name, *WINDOW_DEPTH[name]) for name in _OVERALL]


def _depth_names(walkforward: Mapping[str, Any]) -> list[str]:
    return [name for name in WINDOW_DEPTH if walkforward["windows"] and all(name in window for window in walkforward["windows"])]


def _text(name: str, value: float | None) -> str:
    if value is None:
        return "n/a"
    if name in _SHARES:
        return f"{100 * value:,.0f} %"
    return f"{value:,.0f}" if name in _COUNTS else format_metric(_SHOWN_AS.get(name, name), value)
