"""The signals of many runs from their packed conditions."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit
from strategies.sparse import SignalTable, count_starts, write_starts


@njit
def starts_of_rows(
    longs: NDArray[np.uint64], shorts: NDArray[np.uint64], firsts: NDArray[np.int64], shift: int, sides: tuple[bool, bool]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]:
    """Return offsets, bars and directions as ``SignalTable`` has them, from (rows, words) of conditions.

    Bars are counted from bar ``shift`` on; ``sides`` says whether long and short signals are wanted.
    """
    rows = len(longs)
    offsets = np.zeros(rows + 1, np.int64)
    for row in range(rows):
        offsets[row + 1] = offsets[row] + count_starts(longs[row], shorts[row], max(firsts[row], shift))
    bars, directions = np.empty(offsets[rows], np.int64), np.empty(offsets[rows], np.int8)
    kept = 0
    for row in range(rows):
        begin, end = offsets[row], offsets[row + 1]
        write_starts(longs[row], shorts[row], max(firsts[row], shift), bars[begin:end], directions[begin:end])
        offsets[row] = kept
        for i in range(begin, end):
            if sides[0] if directions[i] > 0 else sides[1]:
                bars[kept], directions[kept] = bars[i] - shift, directions[i]
                kept += 1
    offsets[rows] = kept
    return offsets, bars[:kept], directions[:kept]


@njit
def first_unsound(table: SignalTable) -> int:
    """Return a bar of the columns with a signal whose touch level or ATR is no number to trade by, -1 when there is none."""
    for row in range(len(table.touch)):
        for i in range(table.offsets[row], table.offsets[row + 1]):
            at = table.behind + table.bars[i]
            level, atr = table.columns[table.touch[row], at], table.columns[table.atr[row], at]
            if not (np.isfinite(level) and np.isfinite(atr) and atr >= 0.0):
                return int(at)
    return -1
