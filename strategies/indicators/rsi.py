"""Relative strength index with Wilder's smoothing."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit


@njit
def rsi(closes: NDArray[np.float64], period: int) -> NDArray[np.float64]:
    """Return the RSI (0-100), float64 of the same length, ``nan`` before bar ``period``; ``period`` >= 1.

    Without any movement it is 50 (TA-Lib says 0 there): neither side has the upper hand.
    """
    n = len(closes)
    out = np.full(n, np.nan)
    if n <= period:
        return out
    gain, loss = 0.0, 0.0
    for i in range(1, period + 1):
        change = closes[i] - closes[i - 1]
        if change > 0.0:
            gain += change
        else:
            loss -= change
    gain /= period
    loss /= period
    out[period] = 100.0 * gain / (gain + loss) if gain + loss > 0.0 else 50.0
    for i in range(period + 1, n):
        change = closes[i] - closes[i - 1]
        gain = (gain * (period - 1) + max(change, 0.0)) / period
        loss = (loss * (period - 1) + max(-change, 0.0)) / period
        total = gain + loss
        out[i] = 100.0 * gain / total if total > 0.0 else 50.0
    return out
