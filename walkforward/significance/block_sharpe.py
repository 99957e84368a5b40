"""Sharpe ratios of every half of a number of blocks of time, from sums per block: no day is added up twice.

A half takes S/2 of the S blocks. The sums of every subset of the first S/2 blocks and of every subset of the last S/2 are made once
(2^(S/2) rows each); a half is then one row of each, added. All sums are explicit, elementwise and in one order, so that neither the
number of threads nor the place of a column changes a bit of the result.
"""

import numpy as np
from numpy.typing import NDArray

from core.errors import StatisticsError

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


class BlockSharpe:
    """Sharpe ratios per period (mean over deviation, ddof 1) of the halves of ``returns``: float64[blocks * rows, N].

    Halves are numbered 0 .. C(S, S/2) - 1 by their bits (bit b: block b is in) in ascending order; half C - 1 - i is the complement of
    half i. Raises StatisticsError when a trial earned one same amount other than nothing on every day of a half.
    """

    def __init__(self, returns: Floats, blocks: int, rows: int) -> None:
        parts = returns.reshape(blocks, rows, -1)
        still = _still_blocks(parts)
        self._centre = returns.mean(axis=0)
        centred = parts - self._centre
        half = blocks // 2
        self._days, self._half = half * rows, half
        sums, squares = centred.sum(axis=1), np.square(centred).sum(axis=1)
        self._sums = (_subset_sums(sums[:half]), _subset_sums(sums[half:]))
        self._squares = (_subset_sums(squares[:half]), _subset_sums(squares[half:]))
        bits = np.arange(1 << blocks, dtype=np.int64)
        self._masks = bits[np.bitwise_count(bits) == half]
        self._flat = np.flatnonzero(still.sum(axis=0) >= half)  # only these can be still on a whole half
        self._moving = np.bitwise_or.reduce(np.where(still, 0, np.int64(1) << np.arange(blocks)[:, None]), axis=0)[self._flat]

    def of(self, numbers: Numbers) -> Floats:
        """Return float64[len(numbers), N]: the ratios of these halves; 0 for a trial whose every return in a half is zero."""
        masks = self._masks[numbers]
        low, high = masks & ((1 << self._half) - 1), masks >> self._half
        total: Floats = self._sums[0].take(low, axis=0)
        total += self._sums[1].take(high, axis=0)
        spread: Floats = self._squares[0].take(low, axis=0)
        spread += self._squares[1].take(high, axis=0)
        total /= self._days
        spread -= self._days * np.square(total)
        spread /= self._days - 1
        total += self._centre
        if len(self._flat):
            flat_rows, flat_columns = np.nonzero((masks[:, None] & self._moving) == 0)
            total[flat_rows, self._flat[flat_columns]] = 0.0
            spread[flat_rows, self._flat[flat_columns]] = 1.0
        if spread.min() <= 0:
            trial = int(np.nonzero(spread <= 0)[1][0])
            raise StatisticsError(
                f"trial {trial} earned nearly the same on every day of half the time: its Sharpe ratio is beyond measure."
            )
        total /= np.sqrt(spread, out=spread)
        return total


def _subset_sums(rows: Floats) -> Floats:
    """Return float64[2^len(rows), N]: the sum of every subset of ``rows``; bit b of a row's number says whether row b is in it."""
    sums = np.zeros((1, rows.shape[1]))
    for row in rows:
        sums = np.concatenate((sums, sums + row))
    return sums


def _still_blocks(parts: Floats) -> NDArray[np.bool_]:
    """Return bool[blocks, N]: where a trial earned nothing on every day of a block."""
    lowest, highest = parts.min(axis=1), parts.max(axis=1)
    constant = (lowest == highest) & (lowest != 0)
    for trial in np.flatnonzero(constant.sum(axis=0) >= len(parts) // 2):
        amounts, counts = np.unique(lowest[constant[:, trial], trial], return_counts=True)
        if counts.max() >= len(parts) // 2:
            raise StatisticsError(
                f"trial {trial} earned {amounts[counts.argmax()]:g} on all days of a half: without a deviation it has no Sharpe ratio."
            )
    still: NDArray[np.bool_] = (lowest == 0) & (highest == 0)
    return still
