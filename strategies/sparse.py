"""Signals as the few bars that carry one, and the conditions, one bit per bar, that those of many runs are made of."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]


class SparseSignals(NamedTuple):
    """The signals of a series: ``bars`` int64, rising, and their ``directions`` int8, +1 or -1; ``touch_level`` and ``atr`` float64 of
    every bar and of the ``behind`` bars before the first one. Bar numbers count from that first bar.
    """

    bars: NDArray[np.int64]
    directions: NDArray[np.int8]
    touch_level: NDArray[np.float64]
    atr: NDArray[np.float64]
    behind: int


class ConditionTable(NamedTuple):
    """The conditions of many runs over one series: a run signals where a stretch of bars begins at which all of a side's hold.

    ``touch_levels``, ``atrs``, ``touch`` and ``atr`` as in ``SignalTable``. ``words`` uint64 (conditions, words): at which bars a condition
    holds, one bit per bar, bar 0 the lowest bit of the first word, bits behind the last bar 0. ``longs`` and ``shorts`` int64 (runs, any
    number) say which of them a side of a run needs, and ``firsts`` int64 from which bar on it signals. ``sound``: touch levels and ATRs
    are known to be numbers to trade by from those bars on.
    """

    touch_levels: NDArray[np.float64]
    atrs: NDArray[np.float64]
    touch: NDArray[np.int64]
    atr: NDArray[np.int64]
    words: Words
    longs: NDArray[np.int64]
    shorts: NDArray[np.int64]
    firsts: NDArray[np.int64]
    sound: bool = False

    def of_runs(self, runs: NDArray[np.int64]) -> "ConditionTable":
        """Return the conditions of some of the runs."""
        chosen = {name: getattr(self, name)[runs] for name in ("touch", "atr", "longs", "shorts", "firsts")}
        return self._replace(**chosen)


class SignalTable(NamedTuple):
    """The signals of many runs over one series.

    ``touch_levels`` and ``atrs`` float64 (columns, bars), read-only, hold those of the ``behind`` bars before the first one too; ``touch``
    and ``atr`` int64 say which column a run uses. Touch levels that no run asks for are one column of no bars. Run ``i`` has the signals
    ``[offsets[i], offsets[i + 1])`` of ``bars`` and ``directions``.
    """

    touch_levels: NDArray[np.float64]
    atrs: NDArray[np.float64]
    touch: NDArray[np.int64]
    atr: NDArray[np.int64]
    offsets: NDArray[np.int64]
    bars: NDArray[np.int64]
    directions: NDArray[np.int8]
    behind: int

    @classmethod
    def of_one(cls, signals: SparseSignals) -> "SignalTable":
        """Return the table of a single run; nothing is copied."""
        first, ends = np.zeros(1, np.int64), np.array([0, len(signals.bars)])
        columns = signals.touch_level[np.newaxis], signals.atr[np.newaxis]
        return cls(*columns, first, first, ends, signals.bars, signals.directions, signals.behind)
