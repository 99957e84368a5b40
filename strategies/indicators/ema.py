"""Exponential moving average, seeded with the simple average of the first ``period`` values."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit


@njit
def ema(values: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the EMA, float64 of the same length, ``nan`` before bar ``period - 1``; ``period`` >= 1."""
    n = len(values)
    out = np.full(n, np.nan)
    if n < period:
        return out
    seed = 0.0
    for i in range(period):
        seed += values[i]
    e = seed / period
    k = 2.0 / (period + 1)
    out[period - 1] = e
    for i in range(period, n):
        e += k * (values[i] - e)
        out[i] = e
    return out


@njit
def emas(values: NDArray[np.float64], periods: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the EMA of each of ``periods``, one a row: side by side, because each step of one EMA waits for the step before."""
    n, count = len(values), len(periods)
    out = np.full((count, n), np.nan)
    current, weight = np.empty(count), np.empty(count)
    begun = 0  # the bars before which some of them are not defined yet
    for row in range(count):
        if periods[row] <= n:
            begun = max(begun, periods[row])
    for row in range(count):
        first = ema(values[:begun], periods[row])
        for i in range(begun):  # assigned as a slice they would take numba a second and a half to compile, for the text of its error
            out[row, i] = first[i]
        current[row] = out[row, begun - 1]
        weight[row] = 2.0 / (periods[row] + 1)
    for i in range(begun, n):
        value = values[i]
        for row in range(count):
            current[row] += weight[row] * (value - current[row])
            out[row, i] = current[row]
    return out
