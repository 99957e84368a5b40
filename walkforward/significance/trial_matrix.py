"""What statistics over many trials need of their matrix: days down, trials across, every number finite."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StatisticsError

Matrix = NDArray[np.float64]


def checked_matrix(matrix: ArrayLike) -> Matrix:
    """Return ``matrix`` as float64[T, N]: simple returns of N trials on T days.

    StatisticsError when it is not two-dimensional, has fewer than two trials or no day, holds a number that is not finite, no trial ever
    moved, or all trials earned the same: then there is nothing to choose between.
    """
    table = np.ascontiguousarray(matrix, dtype=np.float64)
    if table.ndim != 2:
        raise StatisticsError(f"the trials' returns have {table.ndim} dimension(s); they are a table of days x trials.")
    days, trials = table.shape
    if trials < 2 or not days:
        raise StatisticsError(f"there are {trials} trial(s) on {days} day(s): choosing the best of them needs at least two trials.")
    bad = ~np.isfinite(table)
    if bad.any():
        day, trial = np.argwhere(bad)[0]
        raise StatisticsError(f"{bad.sum()} of the trials' returns are not finite, first on day {day} of trial {trial}.")
    if not table.any():
        raise StatisticsError("no trial ever won or lost anything: all returns are zero.")
    if (table == table[:, :1]).all():
        raise StatisticsError(f"all {trials} trials earned the same on every day: there is nothing to choose between.")
    return table
