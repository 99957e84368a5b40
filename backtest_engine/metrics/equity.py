"""Each bar of an equity curve, or each day: its return and its distance from the highest equity before it."""

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import Floats
from core.timeframe import DAY_MS

Integers = NDArray[np.int64]


def period_returns(equity: Floats) -> Floats:
    """Return the simple return of each bar after the first; 0 after ruin, when there is nothing to earn on.

    Bars are the last axis, which has one value less in the result.
    """
    before, after = equity[..., :-1], equity[..., 1:]
    alive = before > 0.0
    if alive.all():
        return after / before - 1.0
    return np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)


def returns_from(capital: float, closes: Floats) -> Floats:
    """Return the simple return over each of ``closes`` (last axis) since the one before it, over the first since ``capital``."""
    return period_returns(np.concatenate((np.full((*closes.shape[:-1], 1), capital), closes), axis=-1))


def last_of_each(groups: Integers) -> Integers:
    """Return the place of the last of each run of equal ``groups``, in order."""
    return np.flatnonzero(np.concatenate((groups[1:] != groups[:-1], [True])))


def day_ends(open_ms: Integers) -> tuple[Integers, Integers]:
    """Return the UTC days with bars (start, ms, increasing) and for each of them the number of its last bar."""
    days = open_ms // DAY_MS
    last = last_of_each(days)
    return days[last] * DAY_MS, last


def drawdowns(equity: Floats) -> Floats:
    """Return each bar's distance from the highest equity so far, in percent (<= 0), same length."""
    peaks = np.maximum.accumulate(equity)
    return (equity - peaks) / peaks * 100.0
