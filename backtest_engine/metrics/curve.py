"""Metrics of an equity curve and a list of trades that no single run has made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest_engine.kernels.curve import score_curve
from backtest_engine.kernels.rows import figures_of_curve
from backtest_engine.metrics.compute import Metrics, empty_figures
from backtest_engine.records import Floats, Frame
from backtest_engine.scores import fresh_scores


@dataclass(frozen=True, slots=True)
class Totals:
    """What a curve and net results do not tell: costs in the quote currency, counts, and bars with a position at their close."""

    gross_pnl: float = 0.0
    fees: float = 0.0
    slippage_cost: float = 0.0
    funding: float = 0.0
    missed: int = 0
    partial: int = 0
    rejected: int = 0
    bars_in_position: int = 0
    ruined: bool = False


def curve_metrics(
    equity: Floats,
    periods_per_year: float,
    risk_free_rate: float = 0.0,
    *,
    net_pnl: Floats | None = None,
    bars_held: NDArray[np.int64] | None = None,
    totals: Totals | None = None,
) -> Metrics:
    """Return the metrics of ``equity`` (float64, one value per bar close, the first one the starting capital) and of closed trades.

    ``net_pnl`` float64 and ``bars_held`` int64: one per trade, in order of exit; None for no trades. ``risk_free_rate`` is an annual
    fraction. Where the equity before a bar is not positive there is nothing to earn on, and its return is 0.
    """
    totals = totals or Totals()
    scores, figures = fresh_scores(1, float(equity[0])), empty_figures(1)
    net = np.zeros(0) if net_pnl is None else np.ascontiguousarray(net_pnl, np.float64)
    held = np.zeros(len(net), np.int64) if bars_held is None else np.ascontiguousarray(bars_held, np.int64)
    free_return = risk_free_rate / periods_per_year
    score_curve(np.ascontiguousarray(equity, np.float64), net, held, free_return, scores)
    for name in ("gross_pnl", "fees", "slippage_cost", "funding", "missed", "partial", "rejected"):
        scores[name] = getattr(totals, name)
    first, last = float(equity[0]), float(equity[-1])
    frame = Frame(len(equity), totals.bars_in_position, first, last, totals.ruined, float(periods_per_year), free_return)
    figures_of_curve(scores, frame, figures)
    return Metrics.of_record(figures[0])
