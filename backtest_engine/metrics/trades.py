"""Metrics of a list of closed trades."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import Floats

NAN = math.nan


@dataclass(frozen=True, slots=True)
class TradeMetrics:
    """``win_rate`` in percent; ``expectancy`` (net per trade), ``average_win`` (> 0) and ``average_loss`` (< 0) in the quote currency;
    ``profit_factor`` = net of winners over net of losers; streaks and counts in trades.
    """

    total_trades: int
    winning_trades: int
    losing_trades: int
    win_rate: float
    profit_factor: float
    expectancy: float
    average_win: float
    average_loss: float
    max_consecutive_wins: int
    max_consecutive_losses: int
    average_bars_held: float


def trade_metrics(net_pnl: Floats, bars_held: NDArray[np.int64]) -> TradeMetrics:
    """Return the metrics of trades with ``net_pnl`` (float64) held for ``bars_held`` bars, in order of exit.

    A trade wins when its net P&L is above 0 and loses when it is below. Without trades (or winners, or losers) the figures that need
    them are ``nan``.
    """
    won, lost = net_pnl > 0.0, net_pnl < 0.0
    gains, losses = float(net_pnl[won].sum()), float(net_pnl[lost].sum())
    count, wins, losers = len(net_pnl), int(won.sum()), int(lost.sum())
    return TradeMetrics(
        total_trades=count,
        winning_trades=wins,
        losing_trades=losers,
        win_rate=100.0 * wins / count if count else NAN,
        profit_factor=gains / -losses if losers else NAN,
        expectancy=float(net_pnl.mean()) if count else NAN,
        average_win=gains / wins if wins else NAN,
        average_loss=losses / losers if losers else NAN,
        max_consecutive_wins=_longest_run(won),
        max_consecutive_losses=_longest_run(lost),
        average_bars_held=float(bars_held.mean()) if count else NAN,
    )


def _longest_run(flags: NDArray[np.bool_]) -> int:
    """Return the length of the longest run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if len(edges) else 0
