"""Metrics: what a run was worth, each with its unit; an undefined one is ``nan``, never 0 or infinity."""

from backtest_engine.metrics.compute import Metrics, compute_metrics
from backtest_engine.metrics.equity import EquityMetrics, drawdowns, equity_metrics, period_returns
from backtest_engine.metrics.trades import TradeMetrics, trade_metrics

__all__ = [
    "EquityMetrics",
    "Metrics",
    "TradeMetrics",
    "compute_metrics",
    "drawdowns",
    "equity_metrics",
    "period_returns",
    "trade_metrics",
]
