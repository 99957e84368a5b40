"""Signals from conditions: begun stretches, counted from the first bar, and none with a level that is no number to trade by."""

import numpy as np
import pytest
from numpy.typing import NDArray

from strategies.kernels.starts import signals_of_rows
from strategies.sparse import ConditionTable, SignalTable

BARS, RUNS, COLUMNS, CONDITIONS = 300, 12, 5, 9


def packed(flags: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Return one bit per bar, bar 0 the lowest bit of the first word."""
    room = np.zeros((len(flags) + 63) // 64 * 64, np.bool_)
    room[: len(flags)] = flags
    return np.packbits(room, bitorder="little").view(np.uint64)


def bits(words: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return what ``packed`` was made of."""
    return np.unpackbits(words.view(np.uint8), bitorder="little")[:BARS].astype(bool)


def conditions(seed: int, parts: int = 1, share: float = 0.3) -> ConditionTable:
    """Return random conditions of runs that share columns and conditions; some columns are undefined at their beginning.

    A side needs ``parts`` conditions, each of which holds in that ``share`` of the bars; long and short may hold at once.
    """
    rng = np.random.default_rng(seed)
    levels, atrs = rng.uniform(1.0, 2.0, (2, COLUMNS, BARS))
    for row in range(COLUMNS):
        levels[row, : 10 * row] = atrs[row, : 5 * row] = np.nan
    words = np.stack([packed(flags) for flags in rng.random((CONDITIONS, BARS)) < share])
    levels.flags.writeable = atrs.flags.writeable = False
    touch, atr = (rng.integers(0, COLUMNS, RUNS) for _ in range(2))
    longs, shorts = (rng.integers(0, CONDITIONS, (RUNS, parts)) for _ in range(2))
    return ConditionTable(levels, atrs, touch, atr, words, longs, shorts, rng.integers(40, 90, RUNS))


def signals(table: ConditionTable, shift: int, sides: tuple[bool, bool] = (True, True)) -> SignalTable:
    return SignalTable(table.touch_levels, table.atrs, table.touch, table.atr, *signals_of_rows(table, shift, sides)[:3], shift)


@pytest.mark.parametrize("shift", [0, 63, 64, 100, 299])
@pytest.mark.parametrize("sides", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize(("parts", "share"), [(1, 0.3), (1, 0.5), (2, 0.7), (3, 0.8)])
def test_a_run_signals_where_all_of_a_wanted_side_begins_to_hold(shift: int, sides: tuple[bool, bool], parts: int, share: float) -> None:
    table = conditions(shift, parts, share)
    found = signals(table, shift, sides)
    for run in range(RUNS):
        holds = [np.all([bits(table.words[part]) for part in side[run]], axis=0) for side in (table.longs, table.shorts)]
        up, down = (np.diff(each.astype(int), prepend=0) > 0 for each in holds)
        wanted = (up & ~down) * sides[0] - (down & ~up) * sides[1] * 1
        wanted[: max(int(table.firsts[run]), shift)] = 0
        own = slice(found.offsets[run], found.offsets[run + 1])
        assert (found.bars[own] + shift).tolist() == np.flatnonzero(wanted).tolist()
        assert found.directions[own].tolist() == wanted[wanted != 0].tolist()


@pytest.mark.parametrize("shift", [0, 90])
@pytest.mark.parametrize(
    ("column", "wrong"), [("atrs", -1.0), *((name, value) for name in ("atrs", "touch_levels") for value in (np.nan, np.inf, -np.inf))]
)
def test_a_signal_without_a_number_to_trade_by_is_found_unless_all_are_known_to_be_numbers(column: str, wrong: float, shift: int) -> None:
    table = conditions(5)
    offsets, bars, _, unsound = signals_of_rows(table, shift, (True, True))
    assert unsound == -1
    run = int(np.flatnonzero(np.diff(offsets))[0])
    bar = int(bars[offsets[run]]) + shift
    values = getattr(table, column).copy()
    values[(table.atr if column == "atrs" else table.touch)[run], bar] = wrong
    values.flags.writeable = False
    spoilt = table._replace(**{column: values})
    assert signals_of_rows(spoilt, shift, (True, True))[3] == bar
    assert signals_of_rows(spoilt._replace(sound=True), shift, (True, True))[3] == -1


def test_touch_levels_that_nobody_asks_for_are_not_missed() -> None:
    table = conditions(5)
    none = np.empty((1, 0))
    none.flags.writeable = False
    without = table._replace(touch_levels=none, touch=np.zeros(RUNS, np.int64))
    for found, expected in zip(signals_of_rows(without, 0, (True, True)), signals_of_rows(table, 0, (True, True)), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_the_conditions_of_some_runs_are_theirs() -> None:
    table = conditions(6)
    runs = np.array([3, 4, 9])
    some, whole = signals(table.of_runs(runs), 0), signals(table, 0)
    own = np.concatenate([np.arange(whole.offsets[run], whole.offsets[run + 1]) for run in runs])
    assert some.bars.tolist() == whole.bars[own].tolist()
    assert some.directions.tolist() == whole.directions[own].tolist()
    assert some.touch.tolist() == whole.touch[runs].tolist()
    assert some.atr.tolist() == whole.atr[runs].tolist()


def test_more_signals_than_were_expected_find_room() -> None:
    table = conditions(8)
    words = np.full_like(table.words, 0x5555555555555555)
    words[-1] = 0
    table = table._replace(words=words, longs=np.zeros((RUNS, 1), np.int64), shorts=np.full((RUNS, 1), CONDITIONS - 1))
    offsets, bars, directions, _ = signals_of_rows(table, 0, (True, True))
    for run in range(RUNS):
        first = int(table.firsts[run])
        assert bars[offsets[run] : offsets[run + 1]].tolist() == [bar for bar in range(BARS + 20) if bar % 2 == 0 and bar >= first]
    assert (directions == 1).all()
