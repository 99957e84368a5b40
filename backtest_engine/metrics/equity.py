"""Each bar of an equity curve: its return and its distance from the highest equity before it."""

import numpy as np

from backtest_engine.records import Floats


def period_returns(equity: Floats) -> Floats:
    """Return the simple return of each bar after the first (length ``len - 1``); 0 after ruin, when there is nothing to earn on."""
    before, after = equity[:-1], equity[1:]
    alive = before > 0.0
    if alive.all():
        return after / before - 1.0
    return np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)


def drawdowns(equity: Floats) -> Floats:
    """Return each bar's distance from the highest equity so far, in percent (<= 0), same length."""
    peaks = np.maximum.accumulate(equity)
    return (equity - peaks) / peaks * 100.0
