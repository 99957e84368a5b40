"""Metrics: what a run was worth, each with its unit; an undefined one is ``nan``, never 0 or infinity."""

from backtest_engine.metrics.compute import Metrics, empty_figures
from backtest_engine.metrics.curve import Totals, curve_metrics
from backtest_engine.metrics.equity import day_ends, drawdowns, last_of_each, period_returns, returns_from

__all__ = [
    "Metrics",
    "Totals",
    "curve_metrics",
    "day_ends",
    "drawdowns",
    "empty_figures",
    "last_of_each",
    "period_returns",
    "returns_from",
]
