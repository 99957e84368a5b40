"""Volume-weighted average price of the typical price (high + low + close) / 3, over a session or over the last bars."""

import numpy as np
from numpy.typing import NDArray

from strategies.jit import njit


@njit
def session_vwap(
    open_ms: NDArray[np.int64],
    highs: NDArray[np.float64],
    lows: NDArray[np.float64],
    closes: NDArray[np.float64],
    volumes: NDArray[np.float64],
    session_ms: int,
) -> NDArray[np.float64]:
    """Return the VWAP since the session's start (sessions of ``session_ms`` from 1970 in UTC; a day is 86 400 000).

    float64 of the same length; ``nan`` while the session has had no volume.
    """
    n = len(closes)
    out = np.full(n, np.nan)
    session = np.int64(-1)
    money, volume = 0.0, 0.0
    for i in range(n):
        if open_ms[i] // session_ms != session:
            session = open_ms[i] // session_ms
            money, volume = 0.0, 0.0
        money += (highs[i] + lows[i] + closes[i]) / 3.0 * volumes[i]
        volume += volumes[i]
        if volume > 0.0:
            out[i] = money / volume
    return out


@njit
def rolling_vwap(
    highs: NDArray[np.float64], lows: NDArray[np.float64], closes: NDArray[np.float64], volumes: NDArray[np.float64], period: int
) -> NDArray[np.float64]:
    """Return the VWAP of the last ``period`` bars, ``nan`` before bar ``period - 1`` and where those bars had no volume.

    Each window is summed anew: adding and subtracting would let rounding errors of long-gone bars live on.
    """
    n = len(closes)
    out = np.full(n, np.nan)
    for i in range(period - 1, n):
        money, volume = 0.0, 0.0
        for j in range(i - period + 1, i + 1):
            money += (highs[j] + lows[j] + closes[j]) / 3.0 * volumes[j]
            volume += volumes[j]
        if volume > 0.0:
            out[i] = money / volume
    return out
