"""What several strategies are made of: indicator columns and conditions that their runs share, and where a condition begins."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from strategies.base import Run, run_in_turn
from strategies.columns import Columns
from strategies.indicators import atr, ema
from strategies.indicators.ema import write_emas
from strategies.sparse import Words, sides, write_sides

Periods = NDArray[np.int64]
# So many EMAs are one piece of work: two such pieces take as long as one ATR.
_EMAS_IN_A_PIECE = 8
_PIECES_OF_SIDES = 4


def ema_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the EMA of the closes."""
    return columns.values(("ema", period), lambda candles: ema(candles.close, period))


def atr_column(columns: Columns, period: int) -> NDArray[np.float64]:
    """Return the ATR."""
    return columns.values(("atr", period), lambda candles: atr(candles.high, candles.low, candles.close, period))


def prepare_columns(columns: Columns, emas: Periods, atrs: Periods) -> list[Callable[[], None]]:
    """Return what computes the EMAs and ATRs of these periods that are not there, in pieces, if there is room for all of them.

    They become the rows of one table, from which the signals of many runs are made without copying any.
    """
    close = columns.candles.close
    missing = [[period for period in np.unique(some).tolist() if not columns.has((name, period))] for name, some in _named(emas, atrs)]
    rows = sum(len(periods) for periods in missing)
    if not rows or rows * close.nbytes > columns.most_bytes // 2:
        return []
    table = _room(rows, len(close))
    pieces: list[Callable[[], None]] = [
        partial(_make_atr, columns, period, table, row) for row, period in enumerate(missing[1], len(missing[0]))
    ]
    for start in range(0, len(missing[0]), _EMAS_IN_A_PIECE):
        pieces.append(partial(_make_emas, columns, missing[0][start : start + _EMAS_IN_A_PIECE], table, start))
    return pieces


def _room(rows: int, bars: int) -> NDArray[np.float64]:
    """Return a table that begins where a line of the cache does: vectors across two lines take comparisons a quarter longer."""
    numbers = np.empty(rows * bars + 7)
    start = -(numbers.ctypes.data // 8) % 8
    return numbers[start : start + rows * bars].reshape(rows, bars)


def _named(emas: Periods, atrs: Periods) -> tuple[tuple[str, Periods], tuple[str, Periods]]:
    return ("ema", emas), ("atr", atrs)


def _make_emas(columns: Columns, periods: list[int], table: NDArray[np.float64], first: int) -> None:
    write_emas(columns.candles.close, np.array(periods), table[first : first + len(periods)])
    columns.keep_rows([("ema", period) for period in periods], table, first)


def _make_atr(columns: Columns, period: int, table: NDArray[np.float64], row: int) -> None:
    table[row] = atr(columns.candles.high, columns.candles.low, columns.candles.close, period)
    columns.keep_rows([("atr", period)], table, row)


def ema_atr_table(columns: Columns, emas: Periods, atrs: Periods, run: Run = run_in_turn) -> tuple[NDArray[np.float64], Periods, Periods]:
    """Return a read-only table of columns, float64[columns, bars], and in which rows of it the EMAs and the ATRs of these periods are.

    ``run`` calls the pieces of the work for those that are not there yet.
    """
    known = [np.unique(emas), np.unique(atrs)]
    keys = [(name, period) for name, periods in _named(*known) for period in periods.tolist()]
    found = columns.rows_of_table(keys)
    if found is None:
        # another thread that wants them waits instead of making them too; threads that share the pieces each keep what they have made
        with columns.lock if run is run_in_turn else nullcontext():
            run(prepare_columns(columns, *known))
        found = columns.rows_of_table(keys) or _stacked(columns, keys)
    table, places = found
    return table, places[np.searchsorted(known[0], emas)], places[len(known[0]) + np.searchsorted(known[1], atrs)]


def _stacked(columns: Columns, keys: Sequence[tuple[str, int]]) -> tuple[NDArray[np.float64], Periods]:
    """Return copies of columns that were not made together, and their rows."""
    table = np.stack([ema_column(columns, period) if name == "ema" else atr_column(columns, period) for name, period in keys])
    table.flags.writeable = False
    return table, np.arange(len(keys))


def sides_of_runs(table: NDArray[np.float64], firsts: Periods, seconds: Periods, run: Run = run_in_turn) -> tuple[Words, NDArray[np.int64]]:
    """Return the sides of rows of ``table`` for runs, once for runs in a row with the same pair, and which of them each run has.

    Threads share the bars, not the pairs: of whose columns there are several megabytes, which each thread would have to read.
    """
    new = np.ones(len(firsts), np.bool_)
    new[1:] = (firsts[1:] != firsts[:-1]) | (seconds[1:] != seconds[:-1])
    pairs, bars = (firsts[new], seconds[new]), table.shape[1]
    words = np.empty((len(pairs[0]), 2, (bars + 63) // 64), np.uint64)
    ends = np.linspace(0, words.shape[2], _PIECES_OF_SIDES + 1).astype(int).tolist()
    run([partial(write_sides, table, *pairs, words, begin, end) for begin, end in pairwise(ends)])
    return words, np.cumsum(new) - 1


def ema_sides(columns: Columns, first: int, second: int) -> Words:
    """Return two rows: where the EMA of period ``first`` is above that of period ``second``, and where it is below."""
    return columns.words(("ema sides", first, second), lambda: sides(ema_column(columns, first), ema_column(columns, second)))


def first_of_run(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return True where a run of True begins."""
    first = flags.copy()
    first[1:] &= ~flags[:-1]
    return first
