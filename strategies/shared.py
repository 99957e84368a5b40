"""What several strategies are made of: indicator columns and conditions that their runs share, and where a condition begins."""

import numpy as np
from numpy.typing import NDArray

from strategies.columns import Columns
from strategies.indicators import atr, ema
from strategies.sparse import Words, above


def ema_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the EMA of the closes."""
    return columns.values(("ema", period), lambda candles: ema(candles.close, period))


def atr_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the ATR."""
    return columns.values(("atr", period), lambda candles: atr(candles.high, candles.low, candles.close, period))


def ema_above_ema(columns: Columns, first: int, second: int) -> Words:
    """Return where the EMA of period ``first`` is above that of period ``second``."""
    return columns.words(("ema above ema", first, second), lambda: above(ema_column(columns, first), ema_column(columns, second)))


def first_of_run(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True where a run of True begins."""
    first = flags.copy()
    first[1:] &= ~flags[:-1]
    return first
