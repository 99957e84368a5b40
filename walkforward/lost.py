"""A window whose study was given up: nothing was traded in it, and it says why."""

import numpy as np
import polars as pl

from backtest_engine.metrics import curve_metrics
from core.candles import Candles
from walkforward.account import StudySettings, param_values
from walkforward.result import OutOfSampleRun, WindowOutcome
from walkforward.windows import Window


def lost_window(candles: Candles, window: Window, settings: StudySettings, reason: str, like: WindowOutcome) -> WindowOutcome:
    """Return the outcome of a window without a result: the account lies still at its initial capital, and it is not scored.

    ``like`` is the outcome of another window: it says which parameters are searched and which columns trades have.
    """
    part = candles[window.oos_start : window.oos_end]
    equity = np.full(len(part), settings.execution.initial_capital)
    metrics = curve_metrics(equity, candles.timeframe.periods_per_year, settings.execution.risk_free_rate)
    frame = pl.DataFrame({"time": part.open_ms, "equity": equity, "drawdown_pct": np.zeros(len(part))})
    params = param_values(settings.strategy, tuple(like.chosen.params))
    return WindowOutcome(
        window=window,
        found=False,
        chosen=OutOfSampleRun(params, metrics, frame, like.chosen.trades.clear()),
        is_metrics=metrics,
        median=None,
        doubled_costs_net_pnl=0.0,
        scored=False,
        reason=f"its search could not be finished: {reason}",
        lost=True,
    )
