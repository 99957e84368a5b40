"""Indicator columns are made once for all runs that ask, as long as they fit into the bytes that they may take."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from backtest_engine import BatchSimulation
from config import ExecutionConfig
from core.candles import Candles
from strategies import Columns
from strategies.columns import DEFAULT_BYTES, MOST_WHOLES
from strategies.indicators.ema import ema, write_emas
from strategies.shared import atr_column, ema_atr_table, ema_column, ema_sides, prepare_columns, sides_of_runs
from tests.backtest_engine.markets import BUSY, random_walk

BARS = 100
A_COLUMN = 8 * BARS


class Counted(Columns):
    """Counts how often each column is made."""

    def __init__(self, candles: Candles, most_bytes: int) -> None:
        super().__init__(candles, most_bytes)
        self.made: Counter[str] = Counter()

    def ask(self, name: str) -> NDArray[np.float64]:
        def compute(candles: Candles) -> NDArray[np.float64]:
            self.made[name] += 1
            return np.full(len(candles), float(ord(name)))

        return self.values(name, compute)


def asked(names: str, columns: int) -> Counter[str]:
    """Return how often each column was made when ``names`` were asked for in turn and so many fit."""
    counted = Counted(random_walk(BARS), columns * A_COLUMN)
    for name in names:
        assert counted.ask(name)[0] == ord(name)
    return counted.made


@pytest.mark.parametrize(
    ("names", "columns", "made"),
    [
        ("aaaa", 1, {"a": 1}),
        ("ababab", 2, {"a": 1, "b": 1}),
        ("abab", 1, {"a": 2, "b": 2}),
        ("abaca", 2, {"a": 1, "b": 1, "c": 1}),  # b was asked for longest ago
        ("abacb", 2, {"a": 1, "b": 2, "c": 1}),
        ("aa", 0, {"a": 1}),  # larger than all that may be kept: the last one stays
    ],
)
def test_what_was_asked_for_longest_ago_is_forgotten_and_nothing_else(names: str, columns: int, made: dict[str, int]) -> None:
    assert asked(names, columns) == made


def test_threads_that_ask_at_once_share_one_column() -> None:
    counted = Counted(random_walk(BARS), A_COLUMN)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(counted.ask, "a" * 64))
    assert counted.made == {"a": 1}
    assert all(column is found[0] for column in found)


def test_a_shared_column_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        Counted(random_walk(BARS), A_COLUMN).ask("a")[0] = 1.0


def test_conditions_made_of_others_are_kept_in_a_limited_number() -> None:
    columns, made = Columns(random_walk(BARS)), Counter[int]()

    def ask(number: int) -> None:
        def compute() -> NDArray[np.uint64]:
            made[number] += 1
            return np.full(2, number, np.uint64)

        assert columns.whole(number, compute)[0] == number

    for number in [*range(MOST_WHOLES), 0, MOST_WHOLES, 0, 1]:  # the last but one drops 1, which was asked for longest ago
        ask(number)
    assert {number for number, times in made.items() if times > 1} == {1}
    with pytest.raises(ValueError, match="read-only"):
        columns.whole(0, lambda: np.zeros(2, np.uint64))[0] = 1


def test_a_batch_makes_one_column_for_each_distinct_period(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Counter[int]()

    def counting(values: NDArray[np.float64], periods: NDArray[np.int64], out: NDArray[np.float64]) -> None:
        made.update(periods.tolist())
        write_emas(values, periods, out)

    monkeypatch.setattr("strategies.shared.write_emas", counting)
    monkeypatch.setattr("strategies.shared.ema", None)  # one alone is asked for by nobody
    values = {"ema_fast": np.repeat([2, 3], 20), "ema_slow": np.tile([7, 9], 20)}
    batch = BatchSimulation(random_walk(300), BUSY, values, 2.0, ExecutionConfig())
    batch.advance(batch.bars)
    assert made == {2: 1, 3: 1, 7: 1, 9: 1}


@pytest.mark.parametrize("bars", [1, 5, 100])
@pytest.mark.parametrize("periods", [[1, 2, 5, 30, 64, 99, 100, 400], [400], [5, 3], [7, 400, 101]])
def test_emas_side_by_side_are_those_one_by_one(bars: int, periods: list[int]) -> None:
    values, table = random_walk(bars, 5).close, np.zeros((len(periods), bars))
    write_emas(values, np.array(periods), table)
    np.testing.assert_array_equal(table, [ema(values, period) for period in periods])


def prepare(columns: Columns, emas: Sequence[int], atrs: Sequence[int]) -> None:
    for piece in prepare_columns(columns, np.array(emas), np.array(atrs)):
        piece()


def test_columns_too_large_for_the_room_are_not_made_in_advance() -> None:
    columns = Columns(random_walk(100), most_bytes=100 * 8 * 5)
    prepare(columns, [2, 3], [4])
    assert not any(columns.has(key) for key in (("ema", 2), ("ema", 3), ("atr", 4)))
    prepare(columns, [2], [4])
    assert columns.has(("ema", 2))
    assert columns.has(("atr", 4))


@pytest.mark.parametrize("there", [[], [3, 40]])
@pytest.mark.parametrize("room", [DEFAULT_BYTES, 300 * 8 * 10])
def test_a_table_holds_the_columns_made_alone(there: list[int], room: int) -> None:
    candles = random_walk(300)
    columns, alone = Columns(candles, room), Columns(candles)
    emas, atrs = np.array([40, 2, 3, 290, 400, 2, 9, 8, 7, 6, 5]), np.array([14, 5, 14])
    if there:
        prepare(columns, there, [5])
    table, ema_rows, atr_rows = ema_atr_table(columns, emas, atrs)
    np.testing.assert_array_equal(table[ema_rows], [ema_column(alone, period) for period in emas.tolist()])
    np.testing.assert_array_equal(table[atr_rows], [atr_column(alone, period) for period in atrs.tolist()])
    assert not table.flags.writeable


def test_columns_made_together_are_found_in_one_table_until_one_is_forgotten() -> None:
    columns = Columns(random_walk(BARS), 8 * A_COLUMN)
    keys = [("ema", 2), ("ema", 9), ("atr", 5)]
    prepare(columns, [2, 9], [5])
    found = columns.rows_of_table(keys)
    assert found is not None
    assert all(np.shares_memory(found[0][row], columns.values(key, lambda _: found[0][0])) for key, row in zip(keys, found[1], strict=True))
    prepare(columns, [3], [])
    assert columns.rows_of_table([*keys, ("ema", 3)]) is None, "two tables"
    for period in range(100, 105):
        ema_column(columns, period)
    assert columns.rows_of_table(keys[:1]) is None, "forgotten"
    assert columns.rows_of_table(keys[1:]) is not None


def test_sides_of_runs_are_those_of_their_columns() -> None:
    candles = random_walk(300)
    columns = Columns(candles)
    fast, slow = np.array([2, 2, 2, 5, 5, 2]), np.array([20, 20, 290, 290, 400, 20])
    table, rows, _ = ema_atr_table(columns, np.concatenate([fast, slow]), np.array([14]))
    words, which = sides_of_runs(table, rows[:6], rows[6:])
    assert which.tolist() == [0, 0, 1, 2, 3, 4]
    for run, pair in enumerate(zip(fast.tolist(), slow.tolist(), strict=True)):
        np.testing.assert_array_equal(words[which[run]], ema_sides(columns, *pair))
