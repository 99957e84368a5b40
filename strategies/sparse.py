"""Signals as the few bars that carry one, found with one bit per bar and condition."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit

Words = NDArray[np.uint64]
# So many words of all pairs are written in one go: the bars of all columns that they are about stay in fast memory meanwhile.
_WORDS_AT_ONCE = 16
# The number of the lowest set bit, by the top six bits of its product with a de Bruijn sequence: every six bits of it occur once.
_SEQUENCE = 0x03F79D71B4CB0A89
_POSITIONS = np.empty(64, np.int64)
_POSITIONS[[((_SEQUENCE << bit) & (2**64 - 1)) >> 58 for bit in range(64)]] = np.arange(64)


class SparseSignals(NamedTuple):
    """The signals of a series: ``bars`` int64, rising, and their ``directions`` int8, +1 or -1; ``touch_level`` and ``atr`` float64 of
    every bar and of the ``behind`` bars before the first one. Bar numbers count from that first bar.
    """

    bars: NDArray[np.int64]
    directions: NDArray[np.int8]
    touch_level: NDArray[np.float64]
    atr: NDArray[np.float64]
    behind: int


class Conditions(NamedTuple):
    """When a strategy wants to be long or short, one bit per bar; it signals where such a stretch begins, from bar ``first`` on.

    ``touch_level`` and ``atr`` float64 as in ``Signals``; columns that several runs share are one and the same array.
    """

    longs: Words
    shorts: Words
    first: int
    touch_level: NDArray[np.float64]
    atr: NDArray[np.float64]


class ConditionTable(NamedTuple):
    """The conditions of many runs over one series.

    ``columns`` float64 (columns, bars), read-only, holds the touch levels and ATRs; ``touch`` and ``atr`` int64 say which of them a run
    uses. ``words`` uint64 (conditions, 2, words): where to be long, and where short; ``which`` int64 says which of them a run has, and
    ``firsts`` int64 from which bar on. ``sound``: touch levels and ATRs are known to be numbers to trade by from those bars on.
    """

    columns: NDArray[np.float64]
    touch: NDArray[np.int64]
    atr: NDArray[np.int64]
    words: Words
    which: NDArray[np.int64]
    firsts: NDArray[np.int64]
    sound: bool = False

    def of_runs(self, part: slice) -> "ConditionTable":
        """Return the conditions of some of the runs."""
        return self._replace(touch=self.touch[part], atr=self.atr[part], which=self.which[part], firsts=self.firsts[part])


class SignalTable(NamedTuple):
    """The signals of many runs over one series.

    ``columns`` float64 (columns, bars) holds the touch levels and ATRs, of the ``behind`` bars before the first one too; ``touch`` and
    ``atr`` int64 say which of them a run uses. Run ``i`` has the signals ``[offsets[i], offsets[i + 1])`` of ``bars`` and ``directions``.
    """

    columns: NDArray[np.float64]
    touch: NDArray[np.int64]
    atr: NDArray[np.int64]
    offsets: NDArray[np.int64]
    bars: NDArray[np.int64]
    directions: NDArray[np.int8]
    behind: int


def pack(flags: NDArray[np.bool_]) -> Words:
    """Return one bit per bar, bar 0 the lowest bit of the first word; bits behind the last bar are 0."""
    packed = np.zeros((len(flags) + 63) // 64 * 8, np.uint8)
    packed[: (len(flags) + 7) // 8] = np.packbits(flags, bitorder="little")
    return packed.view("<u8").astype(np.uint64, copy=False)


@njit
def sides(first: NDArray[np.float64], second: NDArray[np.float64]) -> Words:
    """Return ``pack(first > second)`` and ``pack(second > first)`` as two rows, in one pass and five times as fast."""
    words = np.zeros((2, (len(first) + 63) // 64), np.uint64)
    for number in range(words.shape[1]):
        start = number * 64
        up, down = np.uint64(0), np.uint64(0)
        if start + 64 <= len(first):  # a length that the compiler knows makes vectors of it
            for bit in range(64):
                up |= np.uint64(first[start + bit] > second[start + bit]) << np.uint64(bit)
                down |= np.uint64(second[start + bit] > first[start + bit]) << np.uint64(bit)
        else:
            for bit in range(len(first) - start):
                up |= np.uint64(first[start + bit] > second[start + bit]) << np.uint64(bit)
                down |= np.uint64(second[start + bit] > first[start + bit]) << np.uint64(bit)
        words[0, number], words[1, number] = up, down
    return words


@njit
def write_sides(
    columns: NDArray[np.float64], firsts: NDArray[np.int64], seconds: NDArray[np.int64], words: Words, begin: int, end: int
) -> None:
    """Write ``sides`` of the rows ``firsts`` and ``seconds`` of ``columns`` (float64[columns, bars]) into ``words`` (pairs, 2, words).

    Those from word ``begin`` to ``end``, a few words of all pairs at once.
    """
    bars = np.uint64(columns.shape[1])
    for block in range(np.uint64(begin), np.uint64(end), np.uint64(_WORDS_AT_ONCE)):  # unsigned: never counted from the end
        last = min(block + np.uint64(_WORDS_AT_ONCE), np.uint64(end))
        for pair in range(len(firsts)):
            first, second = columns[firsts[pair]], columns[seconds[pair]]
            for number in range(block, last):
                start = number * np.uint64(64)
                up, down = np.uint64(0), np.uint64(0)
                if start + np.uint64(64) <= bars:  # a length that the compiler knows makes vectors of it
                    for bit in range(64):
                        up |= np.uint64(first[start + np.uint64(bit)] > second[start + np.uint64(bit)]) << np.uint64(bit)
                        down |= np.uint64(second[start + np.uint64(bit)] > first[start + np.uint64(bit)]) << np.uint64(bit)
                else:
                    for bit in range(bars - start):
                        up |= np.uint64(first[start + bit] > second[start + bit]) << bit
                        down |= np.uint64(second[start + bit] > first[start + bit]) << bit
                words[pair, 0, number], words[pair, 1, number] = up, down


@njit
def begins_in(words: Words, number: int) -> np.uint64:
    """Return the bits of word ``number`` that are set where the bit before them is not."""
    before = words[number - 1] >> np.uint64(63) if number > 0 else np.uint64(0)
    return words[number] & ~((words[number] << np.uint64(1)) | before)


@njit
def ones_in(word: np.uint64) -> int:
    """Return how many bits are set, by adding neighbours."""
    pairs = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    eights = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int((eights * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit
def starts_in(longs: Words, shorts: Words, number: int, first: int) -> tuple[np.uint64, np.uint64]:
    """Return the bits of word ``number`` from bar ``first`` on at which a stretch of either side begins, and those of longs.

    Where one of each begins at the same bar they cancel each other out.
    """
    up, down = begins_in(longs, number), begins_in(shorts, number)
    begins = up ^ down
    if number == first // 64:
        begins &= ~np.uint64(0) << np.uint64(first % 64)
    return begins, up


@njit
def count_starts(longs: Words, shorts: Words, first: int) -> int:
    """Return how many stretches of set bits begin from bar ``first`` on."""
    count = 0
    for number in range(first // 64, len(longs)):
        count += ones_in(starts_in(longs, shorts, number, first)[0])
    return count


@njit
def write_starts(longs: Words, shorts: Words, first: int, bars: NDArray[np.int64], directions: NDArray[np.int8]) -> int:
    """Write the bars from ``first`` on at which a stretch of set bits begins, and +1 or -1 for each; return how many."""
    count = 0
    for number in range(first // 64, len(longs)):
        begins, up = starts_in(longs, shorts, number, first)
        while begins != 0:
            lowest = begins & (~begins + np.uint64(1))
            bars[count] = number * 64 + _POSITIONS[(lowest * np.uint64(_SEQUENCE)) >> np.uint64(58)]
            directions[count] = 1 if up & lowest else -1
            count += 1
            begins ^= lowest
    return count
