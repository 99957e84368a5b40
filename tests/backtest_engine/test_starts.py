"""Signals from conditions: begun stretches, counted from the first bar, and none with a level that is no number to trade by."""

import numpy as np
import pytest

from backtest_engine.kernels.starts import signals_of_rows, starts_of_rows
from strategies.sparse import ConditionTable, SignalTable, pack

BARS, RUNS, COLUMNS = 300, 12, 5


def conditions(seed: int) -> ConditionTable:
    """Return random conditions of runs that share columns and conditions; some columns are undefined at their beginning."""
    rng = np.random.default_rng(seed)
    columns = rng.uniform(1.0, 2.0, (COLUMNS, BARS))
    for row in range(COLUMNS):
        columns[row, : 10 * row] = np.nan
    flags = rng.random((4, 2, BARS)) < 0.3
    flags[:, 1] &= ~flags[:, 0]
    words = np.stack([[pack(side) for side in both] for both in flags])
    columns.flags.writeable = False
    touch, atr, which = (rng.integers(0, most, RUNS) for most in (COLUMNS, COLUMNS, 4))
    return ConditionTable(columns, touch, atr, words, which, rng.integers(40, 90, RUNS))


def signals(table: ConditionTable, shift: int, sides: tuple[bool, bool] = (True, True)) -> SignalTable:
    return SignalTable(table.columns, table.touch, table.atr, *starts_of_rows(table, shift, sides), shift)


@pytest.mark.parametrize("shift", [0, 63, 64, 100, 299])
@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True), (False, False)])
def test_a_run_signals_where_a_stretch_of_a_wanted_side_begins(shift: int, sides: tuple[bool, bool]) -> None:
    table = conditions(shift)
    found = signals(table, shift, sides)
    for run in range(RUNS):
        bits = [np.unpackbits(side.view(np.uint8), bitorder="little")[:BARS].astype(int) for side in table.words[table.which[run]]]
        up, down = (np.diff(each, prepend=0) > 0 for each in bits)
        wanted = (up & ~down) * sides[0] - (down & ~up) * sides[1] * 1
        wanted[: max(int(table.firsts[run]), shift)] = 0
        own = slice(found.offsets[run], found.offsets[run + 1])
        assert (found.bars[own] + shift).tolist() == np.flatnonzero(wanted).tolist()
        assert found.directions[own].tolist() == wanted[wanted != 0].tolist()


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, -1.0])
def test_a_signal_without_a_number_to_trade_by_is_found_unless_all_are_known_to_be_numbers(wrong: float) -> None:
    table = conditions(5)
    starts, unsound = signals_of_rows(table, 0, (True, True))
    assert unsound == -1
    run = int(np.flatnonzero(np.diff(starts[0]))[0])
    bar = int(starts[1][starts[0][run]])
    columns = table.columns.copy()
    columns[table.atr[run], bar] = wrong
    columns.flags.writeable = False
    spoilt = table._replace(columns=columns)
    assert signals_of_rows(spoilt, 0, (True, True))[1] == bar
    assert signals_of_rows(spoilt._replace(sound=True), 0, (True, True))[1] == -1


def test_the_conditions_of_some_runs_are_theirs() -> None:
    table = conditions(6)
    some, whole = signals(table.of_runs(slice(3, 7)), 0), signals(table, 0)
    begin, end = whole.offsets[3], whole.offsets[7]
    assert some.bars.tolist() == whole.bars[begin:end].tolist()
    assert some.directions.tolist() == whole.directions[begin:end].tolist()
    assert some.touch.tolist() == whole.touch[3:7].tolist()
