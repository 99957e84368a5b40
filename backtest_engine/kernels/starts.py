"""The signals of many runs from their packed conditions."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit
from strategies.sparse import ConditionTable, SignalTable, count_starts, write_starts

Starts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]


@njit
def signals_of_rows(table: ConditionTable, shift: int, sides: tuple[bool, bool]) -> tuple[Starts, int]:
    """Return what ``starts_of_rows`` does, and ``first_unsound`` of it: one call, because threads wait for Python after each."""
    starts = starts_of_rows(table, shift, sides)
    if table.sound:
        return starts, -1
    return starts, first_unsound(SignalTable(table.columns, table.touch, table.atr, starts[0], starts[1], starts[2], shift))


@njit
def starts_of_rows(table: ConditionTable, shift: int, sides: tuple[bool, bool]) -> Starts:
    """Return offsets, bars and directions as ``SignalTable`` has them.

    Bars are counted from bar ``shift`` on; ``sides`` says whether long and short signals are wanted.
    """
    rows = len(table.which)
    most = 0
    for row in range(rows):
        words = table.words[table.which[row]]
        most += count_starts(words[0], words[1], max(table.firsts[row], shift))
    offsets, bars, directions = np.zeros(rows + 1, np.int64), np.empty(most, np.int64), np.empty(most, np.int8)
    kept = 0
    for row in range(rows):
        words = table.words[table.which[row]]
        begin = kept
        end = begin + write_starts(words[0], words[1], max(table.firsts[row], shift), bars[begin:], directions[begin:])
        if shift == 0 and sides[0] and sides[1]:  # all of them, as they are
            kept = end
            end = begin
        for i in range(begin, end):
            if sides[0] if directions[i] > 0 else sides[1]:
                bars[kept], directions[kept] = bars[i] - shift, directions[i]
                kept += 1
        offsets[row + 1] = kept
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
