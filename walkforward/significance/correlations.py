"""How alike the trials are: the correlations of their returns, and the distances made of them."""

import numpy as np

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats, varying

_DECIMALS = 12  # so that equal columns correlate at exactly 1, and the threads of the linear algebra do not show


def unit_columns(matrix: Floats) -> Floats:
    """Return float64[T, N]: the columns of ``matrix`` less their means and of length 1, so that their products are correlations.

    StatisticsError for a column that never changes: ask ``inputs.varying`` first.
    """
    if not varying(matrix).all():
        raise StatisticsError("the returns of a trial never change: they correlate with nothing")
    centred = matrix - matrix.mean(axis=0)
    return np.asarray(centred / np.sqrt(np.sum(centred * centred, axis=0)))


def correlations(matrix: Floats) -> Floats:
    """Return float64[N, N]: Pearson correlations of the columns of float64[T, N], rounded to 12 decimals, the diagonal exactly 1.

    StatisticsError as ``unit_columns``.
    """
    unit = unit_columns(matrix)
    result: Floats = unit.T @ unit
    np.round(result, _DECIMALS, out=result)  # in place, here and below: of 10,000 trials it is 800 MB
    np.clip(result, -1.0, 1.0, out=result)
    np.fill_diagonal(result, 1.0)
    return result


def correlation_distances(matrix: Floats) -> Floats:
    """Return float64[N, N]: sqrt((1 - rho)/2) in [0, 1], a metric: 0 for the same course, 0.71 for unrelated ones, 1 for opposite ones."""
    result = correlations(matrix)
    np.subtract(1.0, result, out=result)
    result /= 2.0
    return np.sqrt(result, out=result)
