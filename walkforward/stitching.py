"""Stitching: the out-of-sample parts of all windows as one account.

Every window starts flat from the initial capital; what it earned is added up:

    stitched[t] = initial_capital + P&L of all earlier windows + P&L of this window up to t

The return of a bar is its P&L over the stitched equity before it (initial capital plus P&L so far), so the ratios are those of an
account that keeps its profits but never trades a larger size because of them. A window that is ruined loses the initial capital once;
the next one starts with that capital again, and returns are 0 while the stitched equity is not positive.
"""

from collections.abc import Sequence

import numpy as np
import polars as pl

from backtest_engine import Metrics
from backtest_engine.metrics import drawdowns, equity_metrics, trade_metrics
from config import ExecutionConfig
from walkforward.result import OutOfSampleRun

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
    by_equity = equity_metrics(equity, periods_per_year, execution.risk_free_rate)
    by_trade = trade_metrics(trades["net_pnl"].to_numpy(), trades["bars_held"].to_numpy())
    net, worst = float(equity[-1]) - execution.initial_capital, by_equity.max_drawdown_quote
    return Metrics(
        total_trades=by_trade.total_trades,
        winning_trades=by_trade.winning_trades,
        losing_trades=by_trade.losing_trades,
        win_rate=by_trade.win_rate,
        net_pnl=net,
        return_pct=100.0 * net / execution.initial_capital,
        gross_pnl=_total(runs, "gross_pnl"),
        fees=_total(runs, "fees"),
        slippage_cost=_total(runs, "slippage_cost"),
        funding=_total(runs, "funding"),
        final_equity=float(equity[-1]),
        sharpe_ratio=by_equity.sharpe_ratio,
        sortino_ratio=by_equity.sortino_ratio,
        calmar_ratio=by_equity.calmar_ratio,
        cagr=by_equity.cagr,
        volatility=by_equity.volatility,
        max_drawdown=by_equity.max_drawdown,
        max_drawdown_quote=worst,
        profit_factor=by_trade.profit_factor,
        recovery_factor=net / -worst if worst < 0.0 else float("nan"),
        expectancy=by_trade.expectancy,
        average_win=by_trade.average_win,
        average_loss=by_trade.average_loss,
        max_consecutive_wins=by_trade.max_consecutive_wins,
        max_consecutive_losses=by_trade.max_consecutive_losses,
        exposure=sum(run.metrics.exposure * len(run.equity) for _, run in runs) / len(equity),
        average_bars_held=by_trade.average_bars_held,
        missed_entries=int(_total(runs, "missed_entries")),
        partial_entries=int(_total(runs, "partial_entries")),
        rejected_entries=int(_total(runs, "rejected_entries")),
        ruined=any(run.metrics.ruined for _, run in runs),
    )


def _total(runs: Sequence[WindowRun], name: str) -> float:
    return sum(float(getattr(run.metrics, name)) for _, run in runs)
