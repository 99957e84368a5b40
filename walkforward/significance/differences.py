"""What the tests against a benchmark have in common: the trials that differ from it, and how far each is ahead."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats, varying
from walkforward.significance.stationary_bootstrap import Integers, check_block, check_periods, common_block, long_run_variances


@dataclass(frozen=True, slots=True)
class Compared:
    """Trials against a benchmark: ``values`` float64[T, K] per day, their ``means`` and standard ``errors`` [K], all per day.

    ``columns``: int64[K], which columns of the differences these are. ``block``: mean block length in days.
    """

    columns: Integers
    values: Floats
    means: Floats
    errors: Floats
    block: float

    @property
    def ratios(self) -> Floats:
        """How many standard errors each trial is ahead of the benchmark, per day of the data."""
        return np.asarray(self.means / self.errors)


def compare(differences: Floats, block: float | None) -> Compared:
    """Return what there is to compare in ``differences`` (float64[T, N]: trial less benchmark, simple returns per day).

    A column that never changes is left out: a trial that never traded, against cash, can neither win nor widen the play of luck.
    ``block`` None: the median of the columns' best lengths. Raises StatisticsError for fewer than two trials or 20 days, where no
    trial differs from the benchmark, where all trials are the same, and where one is ahead by the same amount every day.
    """
    check_periods(differences, 2)
    trials = differences.shape[1]
    if trials < 2:
        raise StatisticsError(f"{trials} trial(s): whether the best of many is luck can only be asked of two or more.")
    kept = varying(differences)
    if (differences[0, ~kept] > 0).any():
        raise StatisticsError("A trial is ahead of the benchmark by the same amount every day: no luck is in it that could be measured.")
    if not kept.any():
        raise StatisticsError("No trial differs from the benchmark from one day to another: there is nothing to compare.")
    if kept.all() and (differences == differences[:, :1]).all():
        raise StatisticsError("All trials have the same returns: there is no best one of them.")
    values = np.ascontiguousarray(differences[:, kept])
    length = common_block(values) if block is None else check_block(block, len(values))
    errors = np.sqrt(long_run_variances(values, length) / len(values))
    return Compared(np.flatnonzero(kept), values, values.mean(axis=0), errors, length)


def chance(beaten: int, resamples: int) -> float:
    """Return the p-value ``(1 + beaten) / (resamples + 1)``: the real history counts as one of those that luck may bring."""
    return (1 + beaten) / (resamples + 1)


def poor(data: Compared) -> NDArray[np.bool_]:
    """Return which trials are so far behind that luck cannot make them the best: below ``-sqrt(2 ln ln T)`` standard errors."""
    return np.asarray(data.ratios < -math.sqrt(2.0 * math.log(math.log(len(data.values)))))
