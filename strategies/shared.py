"""What several strategies are made of: indicator columns and conditions that their runs share, and where a condition begins."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from strategies.columns import Columns
from strategies.indicators import atr, ema
from strategies.indicators.ema import emas
from strategies.sparse import Words, sides, sides_of_pairs

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
        for period, made in zip(missing, _ema_table(columns.candles.close, missing), strict=True):
            columns.keep(("ema", period), made)


def prepare_ema_sides(columns: Columns, pairs: Iterable[tuple[int, int]]) -> None:
    """Compute the EMAs of ``pairs`` of periods and where the first of each is above the second and below it, all of them together.

    Where some EMAs are there already, only the others are made, and where there is no room for everything, nothing is.
    """
    with columns.lock:
        wanted = [pair for pair in dict.fromkeys(pairs) if not columns.has(("ema sides", *pair))]
        if not wanted:
            return
        periods = sorted({period for pair in wanted for period in pair})
        close = columns.candles.close
        if len(periods) * close.nbytes + len(wanted) * (close.nbytes // 32 + 16) > columns.most_bytes // 2:
            return
        if any(columns.has(("ema", period)) for period in periods):
            prepare_emas(columns, periods)
            return
        table = _ema_table(close, periods)
        row_of = {period: row for row, period in enumerate(periods)}
        for period, made in zip(periods, table, strict=True):
            columns.keep(("ema", period), made)
        rows = np.array([[row_of[first], row_of[second]] for first, second in wanted], np.int64).reshape(-1, 2)
        for pair, both in zip(wanted, sides_of_pairs(table, rows[:, 0].copy(), rows[:, 1].copy()), strict=True):
            columns.keep(("ema sides", *pair), both)


def _ema_table(close: NDArray[np.float64], periods: Sequence[int]) -> NDArray[np.float64]:
    """Return the EMAs of ``periods``, one a row, ``_SIDE_BY_SIDE`` of them computed at a time."""
    some = [np.array(periods[i : i + _SIDE_BY_SIDE], np.int64) for i in range(0, len(periods), _SIDE_BY_SIDE)]
    tables = [emas(close, each) for each in some]
    return tables[0] if len(tables) == 1 else np.concatenate([np.empty((0, len(close))), *tables])


def ema_sides(columns: Columns, first: int, second: int) -> Words:
    """Return two rows: where the EMA of period ``first`` is above that of period ``second``, and where it is below."""
    return columns.words(("ema sides", first, second), lambda: sides(ema_column(columns, first), ema_column(columns, second)))


def first_of_run(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True where a run of True begins."""
    first = flags.copy()
    first[1:] &= ~flags[:-1]
    return first
