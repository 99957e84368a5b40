"""The signals of many runs from the conditions that they share: the bars at which all of a side's begin to hold."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit, njit_inner
from strategies.sparse import ConditionTable, Words

# The number of the lowest set bit, by the top six bits of its product with a de Bruijn sequence: every six bits of it occur once.
_SEQUENCE = 0x03F79D71B4CB0A89
_POSITIONS = np.argsort([((_SEQUENCE << bit) & (2**64 - 1)) >> 58 for bit in range(64)])


@njit
def signals_of_rows(
    table: ConditionTable, shift: int, sides: tuple[bool, bool]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int8], int]:
    """Return offsets, bars and directions as ``SignalTable`` has them, and a bar with a signal but no numbers to trade by, -1 without.

    Bars are counted from bar ``shift`` on, but for that last one; ``sides`` says whether long and short signals are wanted.
    """
    rows, size = len(table.touch), table.words.shape[1]
    longs, shorts, begins = np.empty(size, np.uint64), np.empty(size, np.uint64), np.empty(size, np.uint64)
    offsets, found, kept, unsound = np.zeros(rows + 1, np.int64), np.empty(64 * rows, np.int64), 0, -1
    for row in range(rows):
        _write_all_of(table.words, table.longs[row], longs)
        _write_all_of(table.words, table.shorts[row], shorts)
        first = max(table.firsts[row], shift)
        count = _write_begins(longs, shorts, first, sides, begins)
        if kept + count > len(found):
            longer = np.empty((kept + count) * rows // (row + 1) + count + 64, np.int64)  # as many for each of the other rows
            for i in range(kept):
                longer[i] = found[i]
            found = longer
        _write_bars(begins, longs, first, found, kept)
        if not table.sound and unsound < 0:
            unsound = _first_unsound(found, kept, kept + count, table.touch_levels[table.touch[row]], table.atrs[table.atr[row]])
        kept += count
        offsets[row + 1] = kept
    bars, directions = np.empty(kept, np.int64), np.empty(kept, np.int8)
    for i in range(kept):
        bars[i], directions[i] = found[i] // 2 - shift, 1 if found[i] % 2 == 1 else -1
    return offsets, bars, directions, unsound


@njit_inner
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


@njit_inner
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


@njit_inner
def _ones_in(word: np.uint64) -> int:
    """Return how many bits are set, by adding neighbours."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((eights * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit_inner
def _write_bars(begins: Words, ups: Words, first: int, found: NDArray[np.int64], kept: int) -> None:
    """Write twice the bar of each bit in ``begins`` behind what is ``kept`` in ``found``, and 1 more for those in ``ups``."""
    for number in range(first // 64, len(begins)):
        left, up = begins[number], ups[number]
        while left != 0:
            lowest = left & (~left + np.uint64(1))
            bar = number * 64 + _POSITIONS[(lowest * np.uint64(_SEQUENCE)) >> np.uint64(58)]
            found[kept] = 2 * bar + (1 if up & lowest else 0)
            kept += 1
            left ^= lowest


@njit_inner
def _first_unsound(found: NDArray[np.int64], begin: int, end: int, levels: NDArray[np.float64], atrs: NDArray[np.float64]) -> int:
    """Return the first bar of ``found`` whose touch level or ATR is no number to trade by, -1 when there is none."""
    for i in range(begin, end):
        bar = found[i] // 2
        level = levels[bar] if len(levels) > 0 else 0.0
        if not (np.isfinite(level) and np.isfinite(atrs[bar]) and atrs[bar] >= 0.0):
            return int(bar)
    return -1
