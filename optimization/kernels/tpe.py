"""The compiled steps of the tree-structured Parzen estimator beside its densities: trials kept in order, and points drawn.

They are called one by one: compiled into one another they would take twice as long to compile and no less to run.
"""

import numpy as np
from numpy.typing import NDArray

from optimization.kernels.normal import drawn
from optimization.kernels.parzen import widths
from strategies.jit import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit
def insert(order: Ints, places: Ints, count: int) -> None:
    """Put trial ``count`` into ``order`` (i64[parameters, room]), in which the earlier ones stand by rising place and then by number."""
    for each in range(order.shape[0]):
        slot, place = count, places[count, each]
        while slot > 0 and places[order[each, slot - 1], each] > place:
            order[each, slot] = order[each, slot - 1]
            slot -= 1
        order[each, slot] = count


@njit
def candidates(chances: Floats, values: Ints, rows: Ints, last: Ints) -> Ints:
    """Return points (i64[parameters, points]) drawn from the estimator of the trials with these ``values``, all of the same weight.

    ``chances`` (f64[points, 1 + parameters], each in [0, 1)): the first of a row chooses the trial, or the prior, the others the places.
    """
    points, parameters, count = chances.shape[0], last.size, values.shape[1]
    means, wide = np.empty((parameters, count + 1)), np.empty((parameters, count + 1))
    for each in range(parameters):
        found = widths(values[each], last[each])
        for slot in range(count):
            means[each, rows[each, slot]] = values[each, slot]
            wide[each, rows[each, slot]] = found[slot]
        means[each, count], wide[each, count] = 0.5 * last[each], last[each] + 1.0
    chosen = np.empty((parameters, points), np.int64)
    for point in range(points):
        trial = int(chances[point, 0] * (count + 1))
        for each in range(parameters):
            chosen[each, point] = drawn(chances[point, 1 + each], means[each, trial], wide[each, trial], last[each])
    return chosen
