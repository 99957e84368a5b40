"""Parzen estimators of several parameters together: a mixture of one product of normal distributions for each trial, and of the prior.

Bergstra and others 2011, Falkner and others 2018; the formulas of the widths and weights are those of Optuna's TPE, by which they are
tested. Densities are given as multiples of the prior's, which nothing is zero or too large beside and which cancels where two of them are
compared.
"""

import numpy as np
from numpy.typing import NDArray

from optimization.kernels.normal import prior_share, tail
from strategies.jit import njit, njit_inline, njit_inner

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The newest trials, whose weight is full.
_RECENT = 25
# A trial's distribution is at least such a part of its parameter's range wide.
_NARROWEST = 100


@njit
def weights(count: int) -> Floats:
    """Return the weights of ``count`` trials, oldest first, and of the prior: the newest 25 and the prior count fully, older ones less."""
    found = np.empty(count + 1)
    old, whole = count - _RECENT, 0.0
    for place in range(count + 1):
        found[place] = 1.0
        if place < old:
            found[place] = 1.0 / count + (place * (1.0 - 1.0 / count) / (old - 1) if old > 1 else 0.0)
        whole += found[place]
    for place in range(count + 1):
        found[place] /= whole
    return found


@njit
def widths(values: Ints, last: int) -> Floats:
    """Return the standard deviation about each of the rising ``values``, the wider gap to its neighbours, and after them the least that
    there is.

    A value at either end has one neighbour; a single value has the ends of the range, half a step beyond the grid.
    """
    count = values.size
    least = (last + 1.0) / min(_NARROWEST, count + 2)
    found = np.empty(count + 1)
    found[count] = least
    for slot in range(count):
        wide = least
        if count == 1:
            wide = max(wide, values[0] + 0.5, last + 0.5 - values[0])
        if slot > 0:
            wide = max(wide, float(values[slot] - values[slot - 1]))
        if slot < count - 1:
            wide = max(wide, float(values[slot + 1] - values[slot]))
        found[slot] = wide
    return found


@njit_inline
def beyond(steps: int, width: float, row: int, known: Floats) -> float:
    """Return the tail beyond ``steps`` and a half: from a ``row`` of those known, or computed where that is below 0."""
    return known[row, steps] if row >= 0 else tail(steps, width)


@njit_inner
def shares(points: Ints, each: int, mean: int, width: float, last: int, row: int, known: Floats, out: Floats) -> None:
    """Fill ``out`` with the masses at the ``points`` of the distribution of parameter ``each`` about the place ``mean``."""
    whole = 1.0 - beyond(mean, width, row, known) - beyond(last - mean, width, row, known)
    for point in range(points.shape[1]):
        away = points[each, point] - mean
        if away < 0:
            away = -away
        if away == 0:
            out[point] = (1.0 - 2.0 * beyond(0, width, row, known)) / whole
        else:
            out[point] = (beyond(away - 1, width, row, known) - beyond(away, width, row, known)) / whole


@njit_inner
def scale_by(each: int, products: Floats, points: Ints, values: Ints, rows: Ints, last: int, known: Floats) -> None:
    """Multiply ``products`` (f64[trials, points]) by the density of parameter ``each``, as a multiple of the prior's."""
    wide = widths(values[each], last)
    count, size = rows.shape[1], points.shape[1]
    kept = last < known.shape[1]
    own = count == 1 or not kept
    if kept:
        slot = 0 if own else int(count)
        for steps in range(last + 1):
            known[0, steps] = tail(steps, wide[slot])
    prior, factors = np.empty(size), np.empty(size)
    for point in range(size):
        prior[point] = prior_share(points[each, point], last)
    for slot in range(count):
        if slot == 0 or values[each, slot] != values[each, slot - 1] or wide[slot] != wide[slot - 1]:
            row = -1 if not kept else 0 if own or wide[slot] == wide[count] else int(wide[slot])
            shares(points, each, values[each, slot], wide[slot], last, row, known, factors)
        for point in range(size):
            products[rows[each, slot], point] *= factors[point] / prior[point]


@njit
def density(points: Ints, values: Ints, rows: Ints, last: Ints, known: Floats) -> Floats:
    """Return the density of the estimator at ``points`` (i64[parameters, points]) as a multiple of the prior's.

    ``values`` (i64[parameters, trials]) are the trials' places, rising for every parameter, and ``rows`` which trial each belongs to,
    counted from the oldest. ``last``: the end of each grid. ``known`` (f64[size, size]): at [w, s] the tail of a distribution w
    steps wide beyond s steps and a half, as far as it pays to keep them; row 0 is room for a width that is no whole number of steps.
    """
    count, size = values.shape[1], points.shape[1]
    share = weights(count)
    products = np.empty((count + 1, size))
    for row in range(count + 1):
        for point in range(size):
            products[row, point] = share[row]
    for each in range(last.size):
        scale_by(each, products, points, values, rows, last[each], known)
    for row in range(count):
        for point in range(size):
            products[count, point] += products[row, point]
    return products[count]
