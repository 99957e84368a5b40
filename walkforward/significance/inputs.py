"""What every statistic asks of its numbers, and the sentence it says when they are not fit."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StatisticsError

Floats = NDArray[np.float64]

# A spread this small beside the largest value is the rounding of a constant.
_ROUNDING = 1e-12
# Beyond these the squares of returns are no numbers any more.
_SMALLEST, _LARGEST = 1e-100, 1e100


def checked_returns(returns: ArrayLike, fewest: int) -> Floats:
    """Return float64[T]: one return per period, at least ``fewest``, finite, not all the same; StatisticsError otherwise."""
    values = np.ascontiguousarray(returns, dtype=np.float64)
    if values.ndim != 1:
        raise StatisticsError(f"returns of shape {values.shape} are not one series")
    if len(values) < fewest:
        raise StatisticsError(f"{len(values)} periods are too few: at least {fewest} are needed")
    if not (np.abs(values) < _LARGEST).all():
        raise StatisticsError("a return is not a finite number")
    if not varying(values[:, np.newaxis])[0]:
        raise StatisticsError("the returns are all the same: without variance there is no Sharpe ratio")
    return values


def checked_matrix(matrix: ArrayLike, fewest: int = 2) -> Floats:
    """Return float64[T, N]: T days of N trials, T >= 3 and N >= ``fewest``, all finite; StatisticsError otherwise."""
    values = np.ascontiguousarray(matrix, dtype=np.float64)
    if values.ndim != 2:
        raise StatisticsError(f"returns of shape {values.shape} are not a table of days and trials")
    days, trials = values.shape
    if trials < fewest:
        raise StatisticsError(f"{trials} trial{'s' * (trials != 1)}: at least {fewest} are needed to compare them")
    if days < 3:
        raise StatisticsError(f"{days} day{'s' * (days != 1)} of returns are too few: at least 3 are needed")
    unfit = ~(np.abs(values) < _LARGEST)
    if unfit.any():
        day, trial = np.argwhere(unfit)[0]
        raise StatisticsError(f"a return of a trial is not a finite number, first on day {day} of trial {trial}")
    return values


def comparable_trials(matrix: ArrayLike) -> Floats:
    """Return ``checked_matrix`` of trials of which one can be the best.

    StatisticsError also where no trial ever moved, and where all earned the same: then there is nothing to choose between.
    """
    values = checked_matrix(matrix)
    if not values.any():
        raise StatisticsError("no trial ever won or lost anything: all returns are zero")
    if (values == values[:, :1]).all():
        raise StatisticsError(f"all {values.shape[1]} trials earned the same on every day: there is nothing to choose between")
    return values


def checked_number(value: float, name: str, low: float, high: float = math.inf) -> float:
    """Return ``value`` if it is finite and within [``low``, ``high``]; StatisticsError, which names it, otherwise."""
    if not (math.isfinite(value) and low <= value <= high):
        raise StatisticsError(f"{name} = {value:g} is outside {low:g} to {high:g}")
    return float(value)


def varying(matrix: Floats) -> NDArray[np.bool_]:
    """Return bool[N]: whether a column of float64[T, N] changes at all; one that stays the same by rounding alone does not."""
    spread = matrix.max(axis=0) - matrix.min(axis=0)
    return np.asarray(spread > np.maximum(_ROUNDING * np.abs(matrix).max(axis=0), _SMALLEST), dtype=np.bool_)
