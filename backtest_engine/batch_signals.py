"""The signals of the runs of a batch, from conditions that they share or from the strategy's own arrays."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest_engine.inputs import heard_sides, readonly, signals_with
from backtest_engine.kernels.starts import first_unsound, starts_of_rows
from backtest_engine.records import Floats
from config import StrategyConfig
from core.clock import format_utc
from core.errors import BacktestError
from strategies import Columns, Conditions, ParamValues, PreparedColumns, SharedConditions, SignalTable, SparseSignals, Strategy

Made = TypeVar("Made")


def signal_table(
    strategy: Strategy, config: StrategyConfig, columns: Columns, params: Sequence[ParamValues], first_bar: int
) -> SignalTable:
    """Return the signals of ``strategy`` with each of ``params`` from ``first_bar`` on, every shared column once.

    Raises what the strategy raises, and BacktestError for a signal without a finite touch level and ATR.
    """
    if isinstance(strategy, SharedConditions):
        shared = strategy  # the narrower type, for the lambda
        prepare_columns(strategy, columns, params)
        return _from_conditions(_each_once(lambda each: shared.conditions(columns, each), params), config, columns, first_bar)
    found = _each_once(lambda each: signals_with(strategy, each, columns.candles, config, first_bar), params)
    stacked, touch, atr = _stack(found)
    bars, directions = np.concatenate([each.bars for each in found]), np.concatenate([each.directions for each in found])
    offsets = np.cumsum([0, *(len(each.bars) for each in found)])
    return SignalTable(stacked, touch, atr, offsets, readonly(bars), readonly(directions), first_bar)


def prepare_columns(strategy: Strategy, columns: Columns, params: Sequence[ParamValues]) -> None:
    """Compute the columns of ``strategy`` with all of ``params`` that are faster made together, where it has such."""
    if isinstance(strategy, SharedConditions) and isinstance(strategy, PreparedColumns):
        strategy.prepare(columns, params)


def _each_once(make: Callable[[ParamValues], Made], params: Sequence[ParamValues]) -> list[Made]:
    """Return what ``make`` makes of each of ``params``; of equal ones it is made once: rows may differ in settings alone."""
    known: dict[tuple[object, ...], Made] = {}
    found = []
    for each in params:
        key = tuple(each.values())
        if key not in known:
            known[key] = make(each)
        found.append(known[key])
    return found


def _from_conditions(found: Sequence[Conditions], config: StrategyConfig, columns: Columns, first_bar: int) -> SignalTable:
    stacked, touch, atr = _stack(found)
    offsets, bars, directions = starts_of_rows(
        np.stack([each.longs for each in found]),
        np.stack([each.shorts for each in found]),
        np.array([each.first for each in found]),
        first_bar,
        heard_sides(config),
    )
    table = SignalTable(stacked, touch, atr, offsets, readonly(bars), readonly(directions), first_bar)
    unsound = first_unsound(table)
    if unsound >= 0:
        time = format_utc(int(columns.candles.open_ms[unsound]))
        raise BacktestError(f"strategy {config.name}: a signal has no finite touch_level and atr >= 0 at bar {unsound} ({time} UTC).")
    return table


def _stack(runs: Sequence[Conditions] | Sequence[SparseSignals]) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct columns of ``runs``, one a row, and which of them each run's touch levels and ATRs are."""
    columns = [column for run in runs for column in (run.touch_level, run.atr)]
    distinct = {id(column): column for column in columns}
    row_of = {key: row for row, key in enumerate(distinct)}
    # contiguous whatever their length: the kernels would be compiled once more for arrays with gaps
    touch, atr = np.array([[row_of[id(run.touch_level)] for run in runs], [row_of[id(run.atr)] for run in runs]])
    return readonly(np.stack(list(distinct.values()))), touch, atr
