"""What several strategies are made of: indicator columns that their runs share, and where a condition begins."""

import numpy as np
from numpy.typing import NDArray

from strategies.columns import Columns
from strategies.indicators import atr, rsi


def atr_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the ATR."""
    return columns.values(("atr", period), lambda candles: atr(candles.high, candles.low, candles.close, period))


def rsi_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the RSI of the closes."""
    return columns.values(("rsi", period), lambda candles: rsi(candles.close, period))


def first_of_run(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True where a run of True begins."""
    first = flags.copy()
    first[1:] &= ~flags[:-1]
    return first
