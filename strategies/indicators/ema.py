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
