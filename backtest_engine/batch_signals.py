"""The signals of the runs of a batch, from conditions that they share or from the strategy's own arrays."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backtest_engine.inputs import heard_sides, readonly, signals_with
from backtest_engine.records import Floats
from config import StrategyConfig
from core.clock import format_utc
from core.errors import BacktestError
from strategies import Columns, ConditionPlan, ConditionTable, ParamRows, Run, SharedConditions, SignalTable, Strategy
from strategies.kernels.starts import signals_of_rows


def signal_table(
    strategy: Strategy,
    config: StrategyConfig,
    columns: Columns,
    rows: ParamRows,
    first_bar: int,
    *,
    tiered: bool = True,
) -> SignalTable:
    """Return the signals of ``strategy`` with each of ``rows`` from ``first_bar`` on, every shared column once.

    Without the hybrid engine, ``tiered`` False, nobody asks for touch levels, and columns for them need not be made. Raises what the
    strategy raises, and BacktestError for a signal without a finite touch level and ATR.
    """
    plan = _plan(strategy, columns, rows)
    if plan is not None:
        return signals_from(plan.table(touched=tiered), config, columns, first_bar)
    distinct, which = rows.distinct()
    once = [signals_with(strategy, each, columns.candles, config, first_bar) for each in distinct]
    touch_levels, touch = _stack([each.touch_level for each in once])
    atrs, atr = _stack([each.atr for each in once])
    found = [once[number] for number in which]
    bars, directions = np.concatenate([each.bars for each in found]), np.concatenate([each.directions for each in found])
    offsets = np.cumsum([0, *(len(each.bars) for each in found)])
    return SignalTable(touch_levels, atrs, touch[which], atr[which], offsets, readonly(bars), readonly(directions), first_bar)


def conditions_together(strategy: Strategy, columns: Columns, rows: ParamRows, run: Run, *, tiered: bool) -> ConditionTable | None:
    """Return the conditions of all ``rows`` where ``strategy`` can say them and there is room for them, else None.

    ``run`` calls pieces of the work, ``tiered`` as for ``signal_table``. They may take half of what columns may.
    """
    plan = _plan(strategy, columns, rows)
    return None if plan is None or plan.nbytes > columns.most_bytes // 2 else plan.table(run, touched=tiered)


def _plan(strategy: Strategy, columns: Columns, rows: ParamRows) -> ConditionPlan | None:
    """Return what the conditions of ``rows`` are made of, None for a strategy that cannot say them."""
    if not isinstance(strategy, SharedConditions):
        return None
    plan = strategy.conditions(columns, rows)
    if not isinstance(plan, ConditionPlan):  # a user's own code
        raise BacktestError(f"strategy {strategy.name}: conditions must return a ConditionPlan, not {type(plan).__name__}.")
    return plan


def signals_from(found: ConditionTable, config: StrategyConfig, columns: Columns, first_bar: int) -> SignalTable:
    """Return the signals where conditions begin, from ``first_bar`` on; BacktestError for one without a touch level and an ATR."""
    offsets, bars, directions, unsound = signals_of_rows(found, first_bar, heard_sides(config))
    if unsound >= 0:
        time = format_utc(int(columns.candles.open_ms[unsound]))
        raise BacktestError(f"strategy {config.name}: a signal has no finite touch_level and atr >= 0 at bar {unsound} ({time} UTC).")
    return SignalTable(found.touch_levels, found.atrs, found.touch, found.atr, offsets, readonly(bars), readonly(directions), first_bar)


def _stack(columns: Sequence[Floats]) -> tuple[Floats, NDArray[np.int64]]:
    """Return the distinct ones of ``columns``, one a row, and in which row each of them is."""
    row_of: dict[int, int] = {}
    which = [row_of.setdefault(id(column), len(row_of)) for column in columns]
    return readonly(np.stack(list({id(column): column for column in columns}.values()))), np.array(which)
