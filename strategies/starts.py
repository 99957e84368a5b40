"""The signals of many runs from the conditions that they share: the bars at which all of a side's begin to hold."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit
from strategies.sparse import ConditionTable, SignalTable, Words

Starts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8]]
# The number of the lowest set bit, by the top six bits of its product with a de Bruijn sequence: every six bits of it occur once.
_SEQUENCE = 0x03F79D71B4CB0A89
_POSITIONS = np.empty(64, np.int64)
_POSITIONS[[((_SEQUENCE << bit) & (2**64 - 1)) >> 58 for bit in range(64)]] = np.arange(64)


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
    rows, size = len(table.touch), table.words.shape[1]
    longs, shorts, begins = np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, np.uint64)
    offsets, bars, directions = np.zeros(rows + 1, np.int64), np.empty(64 * rows, np.int64), np.empty(64 * rows, np.int8)
    kept = 0
    for row in range(rows):
        _write_all_of(table.words, table.longs[row], longs)
        _write_all_of(table.words, table.shorts[row], shorts)
        first = max(table.firsts[row], shift)
        count = _write_begins(longs, shorts, first, sides, begins)
        if kept + count > len(bars):
            bars, directions = _longer(bars, directions, kept, 2 * (kept + count))
        _write_bars(begins, longs, first, shift, bars[kept:], directions[kept:])
        kept += count
        offsets[row + 1] = kept
    return offsets, bars[:kept], directions[:kept]


@njit
def _write_all_of(words: Words, needed: NDArray[np.int64], out: Words) -> None:
    """Write where all of the ``needed`` conditions hold."""
    for place in range(len(needed)):
        condition = words[needed[place]]
        if place == 0:
            for number in range(len(out)):
                out[number] = condition[number]
        else:
            for number in range(len(out)):
                out[number] &= condition[number]


@njit
def _write_begins(longs: Words, shorts: Words, first: int, sides: tuple[bool, bool], begins: Words) -> int:
    """Write the bits from bar ``first`` on at which a stretch of a wanted side begins, and return how many there are.

    ``longs`` then holds where its stretches begin. Where one of each side begins at the same bar they cancel each other out.
    """
    count, last_up, last_down = 0, np.uint64(0), np.uint64(0)
    up_wanted, down_wanted = ~np.uint64(0) if sides[0] else np.uint64(0), ~np.uint64(0) if sides[1] else np.uint64(0)
    start = first // 64
    if 0 < start < len(begins):
        last_up, last_down = longs[start - 1], shorts[start - 1]
    for number in range(start, len(begins)):
        up = longs[number] & ~((longs[number] << np.uint64(1)) | (last_up >> np.uint64(63)))
        down = shorts[number] & ~((shorts[number] << np.uint64(1)) | (last_down >> np.uint64(63)))
        last_up, last_down = longs[number], shorts[number]
        longs[number] = up
        found = (up & ~down & up_wanted) | (down & ~up & down_wanted)
        if number == start:
            found &= ~np.uint64(0) << np.uint64(first % 64)
        begins[number] = found
        count += _ones_in(found)
    return count


@njit
def _ones_in(word: np.uint64) -> int:
    """Return how many bits are set, by adding neighbours."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((eights * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit
def _write_bars(begins: Words, ups: Words, first: int, shift: int, bars: NDArray[np.int64], directions: NDArray[np.int8]) -> None:
    """Write the bars of the bits in ``begins``, counted from ``shift`` on, and +1 for those in ``ups``, -1 for the others."""
    count = 0
    for number in range(first // 64, len(begins)):
        left, up = begins[number], ups[number]
        while left != 0:
            lowest = left & (~left + np.uint64(1))
            bars[count] = number * 64 + _POSITIONS[(lowest * np.uint64(_SEQUENCE)) >> np.uint64(58)] - shift
            directions[count] = 1 if up & lowest else -1
            count += 1
            left ^= lowest


@njit
def _longer(bars: NDArray[np.int64], directions: NDArray[np.int8], kept: int, room: int) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return copies with more room."""
    more_bars, more_directions = np.empty(room, np.int64), np.empty(room, np.int8)
    for i in range(kept):
        more_bars[i], more_directions[i] = bars[i], directions[i]
    return more_bars, more_directions


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
