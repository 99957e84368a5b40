"""Average true range with Wilder's smoothing."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit


@njit
def atr(highs: NDArray[np.float64], lows: NDArray[np.float64], closes: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the ATR (price units), float64 of the same length, ``nan`` before bar ``period``; ``period`` >= 1.

    The first true range belongs to bar 1, which has a close before it; the seed averages bars 1 to ``period``.
    """
    n = len(closes)
    out = np.full(n, np.nan)
    if n <= period:
        return out
    a = 0.0
    for i in range(1, n):
        above = abs(highs[i] - closes[i - 1])
        below = abs(lows[i] - closes[i - 1])
        true_range = max(highs[i] - lows[i], above, below)
        if i <= period:
            a += true_range
            if i < period:
                continue
            a /= period
        else:
            a = (a * (period - 1) + true_range) / period
        out[i] = a
    return out
