"""Sharpe ratios on any choice of days, from running sums: the cost depends on the number of stretches, not of days."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats

Numbers = NDArray[np.int64]
_ROUNDING = 1e-13  # of the sum of squares of all days: what running sums of some thousand terms may be off


class RunningSharpe:
    """Sharpe ratios per period (mean over deviation, ddof 1) of the trials of ``table``: float64[T, N], on days to be named."""

    def __init__(self, table: Floats) -> None:
        self._centre = table.mean(axis=0)
        centred = table - self._centre
        self._sums, self._squares = _running(centred), _running(np.square(centred))
        self._moves = _running(table != 0)

    def on(self, days: Numbers) -> Floats:
        """Return float64[N]: the ratios on ``days`` (int64, ascending, at least two); 0 for a trial that earned nothing on all of them.

        Raises StatisticsError for a trial that earned one same amount other than nothing on all of them.
        """
        breaks = np.flatnonzero(np.diff(days) > 1)
        firsts, ends = days[np.concatenate(([0], breaks + 1))], days[np.concatenate((breaks, [len(days) - 1]))] + 1
        total, squares, moves = (
            (of[ends] - of[firsts]).sum(axis=0) for of in (self._sums, self._squares, self._moves)
        )  # fmt: skip
        mean = total / len(days)
        spread = squares - len(days) * np.square(mean)
        still = moves == 0
        without = ~still & (spread <= _ROUNDING * self._squares[-1])
        if without.any():
            raise StatisticsError(
                f"trial {int(without.argmax())} earned the same on all {len(days)} days chosen on: without a deviation, no Sharpe ratio."
            )
        deviation = np.sqrt(np.where(still, 1.0, spread) / (len(days) - 1))
        return np.where(still, 0.0, (mean + self._centre) / deviation)


def _running(values: ArrayLike) -> Floats:
    """Return float64[T + 1, N]: the sums of the first 0, 1, ... T rows."""
    rows = np.asarray(values, dtype=np.float64)
    return np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)))
