"""The signals of the runs of a batch, from conditions that they share or from the strategy's own arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backtest_engine.inputs import signals_with
from backtest_engine.kernels.starts import first_unsound, starts_of_rows
from backtest_engine.records import Floats
from config import StrategyConfig
from core.clock import format_utc
from core.errors import BacktestError
from strategies import Columns, Conditions, ParamValues, SharedConditions, SignalTable, SparseSignals, Strategy


def signal_table(
    strategy: Strategy, config: StrategyConfig, columns: Columns, params: Sequence[ParamValues], first_bar: int
) -> SignalTable:
    """Return the signals of ``strategy`` with each of ``params`` from ``first_bar`` on, every shared column once.

    Raises what the strategy raises, and BacktestError for a signal without a finite touch level and ATR.
    """
    if isinstance(strategy, SharedConditions):
        return _from_conditions([strategy.conditions(columns, each) for each in params], config, columns, first_bar)
    known: dict[tuple[object, ...], SparseSignals] = {}
    found = []
    for each in params:
        key = tuple(each.items())
        if key not in known:
            known[key] = signals_with(strategy, each, columns.candles, config, first_bar)
        found.append(known[key])
    stacked, places = _stack([column for each in found for column in (each.touch_level, each.atr)])
    return SignalTable(
        stacked,
        places[0::2],
        places[1::2],
        np.cumsum([0, *(len(each.bars) for each in found)]),
        np.concatenate([each.bars for each in found]),
        np.concatenate([each.directions for each in found]),
        first_bar,
    )


def _from_conditions(found: Sequence[Conditions], config: StrategyConfig, columns: Columns, first_bar: int) -> SignalTable:
    stacked, places = _stack([column for each in found for column in (each.touch_level, each.atr)])
    starts = starts_of_rows(
        np.stack([each.longs for each in found]),
        np.stack([each.shorts for each in found]),
        np.array([each.first for each in found]),
        first_bar,
        (config.allow_long, config.allow_short),
    )
    table = SignalTable(stacked, places[0::2], places[1::2], *starts, first_bar)
    unsound = first_unsound(table)
    if unsound >= 0:
        time = format_utc(int(columns.candles.open_ms[unsound]))
        raise BacktestError(f"strategy {config.name}: a signal has no finite touch_level and atr >= 0 at bar {unsound} ({time} UTC).")
    return table


def _stack(columns: Sequence[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Return the distinct ones of ``columns``, one a row, and which row each of them is."""
    distinct = {id(column): column for column in columns}
    row_of = {key: row for row, key in enumerate(distinct)}
    return np.stack(list(distinct.values())), np.array([row_of[id(column)] for column in columns])
