"""Stitching: the out-of-sample parts of all windows as one account.

Every window starts flat from the initial capital; what it earned is added up:

    stitched[t] = initial_capital + P&L of all earlier windows + P&L of this window up to t

The return of a bar is its P&L over the stitched equity before it (initial capital plus P&L so far), so the ratios are those of an
account that keeps its profits but never trades a larger size because of them. A window that is ruined loses the initial capital once;
the next one starts with that capital again. Where the stitched equity falls below zero, or is zero when another window begins, the account
was lost: it is ruined, and ratios, growth and volatility would be those of no account: they are nan. Amounts stay plain sums.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from backtest_engine import Metrics
from backtest_engine.metrics import Totals, curve_metrics, drawdowns
from config import ExecutionConfig
from walkforward.result import OutOfSampleRun

_NO_ACCOUNT: dict[str, Any] = dict.fromkeys(("sharpe_ratio", "sortino_ratio", "calmar_ratio", "cagr", "volatility"), math.nan)

WindowRun = tuple[int, OutOfSampleRun]


def stitch_equity(runs: Sequence[WindowRun], initial_capital: float) -> pl.DataFrame:
    """Return time (int64 UTC ms), equity, drawdown_pct (<= 0) and window (int32) of ``runs`` = (window number, run), oldest first."""
    offset, parts = 0.0, list[pl.DataFrame]()
    for window, run in runs:
        parts.append(run.equity.select("time", pl.col("equity") + offset, pl.lit(window, pl.Int32).alias("window")))
        offset += float(run.equity["equity"][-1]) - initial_capital
    frame = pl.concat(parts)
    gaps = pl.Series("drawdown_pct", drawdowns(frame["equity"].to_numpy()))
    return frame.with_columns(gaps).select("time", "equity", "drawdown_pct", "window")


def stitch_trades(runs: Sequence[WindowRun]) -> pl.DataFrame:
    """Return the trades of all ``runs`` with the column ``window`` (int32); ``trade_id`` counts anew in each window."""
    return pl.concat([run.trades.with_columns(pl.lit(window, pl.Int32).alias("window")) for window, run in runs])


def stitched_metrics(runs: Sequence[WindowRun], execution: ExecutionConfig, periods_per_year: float) -> Metrics:
    """Return the engine's metrics for the stitched equity and trades of ``runs``; counts and costs are sums over the windows."""
    equity = np.ascontiguousarray(stitch_equity(runs, execution.initial_capital)["equity"].to_numpy())
    trades = stitch_trades(runs)
    lost = bool((equity < 0.0).any() or (equity[: -len(runs[-1][1].equity)] <= 0.0).any())
    totals = Totals(
        gross_pnl=_total(runs, "gross_pnl"),
        fees=_total(runs, "fees"),
        slippage_cost=_total(runs, "slippage_cost"),
        funding=_total(runs, "funding"),
        missed=int(_total(runs, "missed_entries")),
        partial=int(_total(runs, "partial_entries")),
        rejected=int(_total(runs, "rejected_entries")),
        bars_in_position=round(sum(run.metrics.exposure * len(run.equity) for _, run in runs) / 100.0),
        ruined=lost or any(run.metrics.ruined for _, run in runs),
    )
    net, held = trades["net_pnl"].to_numpy(), trades["bars_held"].to_numpy()
    metrics = curve_metrics(equity, periods_per_year, execution.risk_free_rate, net_pnl=net, bars_held=held, totals=totals)
    return replace(metrics, **_NO_ACCOUNT) if lost else metrics


def _total(runs: Sequence[WindowRun], name: str) -> float:
    return sum(float(getattr(run.metrics, name)) for _, run in runs)
