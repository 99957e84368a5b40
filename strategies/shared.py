"""What several strategies are made of: indicator columns and conditions that their runs share, and where a condition begins."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from strategies.columns import Columns
from strategies.indicators import atr, ema
from strategies.indicators.ema import emas
from strategies.sparse import Words, sides

# So many EMAs are computed at once: 17 in 230 us, one by one in 980 (26,280 bars).
_SIDE_BY_SIDE = 32


def ema_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the EMA of the closes."""
    return columns.values(("ema", period), lambda candles: ema(candles.close, period))


def atr_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the ATR."""
    return columns.values(("atr", period), lambda candles: atr(candles.high, candles.low, candles.close, period))


def prepare_emas(columns: Columns, periods: Iterable[int]) -> None:
    """Compute the EMAs of ``periods`` that are not there, side by side, if there is room for all of them."""
    with columns.lock:
        missing = sorted(period for period in set(periods) if not columns.has(("ema", period)))
        if len(missing) * columns.candles.close.nbytes > columns.most_bytes // 2:
            return
        for some in (missing[i : i + _SIDE_BY_SIDE] for i in range(0, len(missing), _SIDE_BY_SIDE)):
            for period, made in zip(some, emas(columns.candles.close, np.array(some, np.int64)), strict=True):
                columns.keep(("ema", period), made)


def ema_sides(columns: Columns, first: int, second: int) -> Words:
    """Return two rows: where the EMA of period ``first`` is above that of period ``second``, and where it is below."""
    return columns.words(("ema sides", first, second), lambda: sides(ema_column(columns, first), ema_column(columns, second)))


def first_of_run(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True where a run of True begins."""
    first = flags.copy()
    first[1:] &= ~flags[:-1]
    return first
