"""Indicator columns are made once for all runs that ask, as long as they fit into the bytes that they may take."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

from backtest_engine import BatchSimulation
from config import ExecutionConfig
from core.candles import Candles
from strategies import Columns
from strategies.columns import MOST_WHOLES
from strategies.indicators.ema import ema, emas
from strategies.shared import ema_column, ema_sides, prepare_ema_sides, prepare_emas
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

    def counting(values: NDArray[np.float64], periods: NDArray[np.int64]) -> NDArray[np.float64]:
        made.update(periods.tolist())
        return emas(values, periods)

    monkeypatch.setattr("strategies.shared.emas", counting)
    monkeypatch.setattr("strategies.shared.ema", None)  # one alone is asked for by nobody
    values = {"ema_fast": np.repeat([2, 3], 20), "ema_slow": np.tile([7, 9], 20)}
    batch = BatchSimulation(random_walk(300), BUSY, values, 2.0, ExecutionConfig())
    batch.advance(batch.bars)
    assert made == {2: 1, 3: 1, 7: 1, 9: 1}


@pytest.mark.parametrize("bars", [1, 5, 100])
def test_emas_side_by_side_are_those_one_by_one(bars: int) -> None:
    values, periods = random_walk(bars, 5).close, np.array([1, 2, 5, 30, 99, 100, 400])
    np.testing.assert_array_equal(emas(values, periods), [ema(values, int(period)) for period in periods])


def test_columns_too_large_for_the_room_are_not_made_in_advance() -> None:
    columns = Columns(random_walk(100), most_bytes=100 * 8 * 3)
    prepare_emas(columns, [2, 3, 4])
    assert not any(columns.has(("ema", period)) for period in (2, 3, 4))
    prepare_emas(columns, [2])
    assert columns.has(("ema", 2))


@pytest.mark.parametrize("there", [(), (3, 40)])
def test_ema_sides_made_together_are_those_made_alone(there: tuple[int, ...]) -> None:
    candles = random_walk(300)
    together, alone = Columns(candles), Columns(candles)
    pairs = [(first, second) for first in range(2, 12) for second in (20, 30, 40, 290, 400)]
    prepare_emas(together, there)
    prepare_ema_sides(together, [*pairs, *pairs])
    assert all(together.has(("ema", period)) for pair in pairs for period in pair)
    for pair in pairs:
        assert together.has(("ema sides", *pair)) == (not there)
        np.testing.assert_array_equal(ema_sides(together, *pair), ema_sides(alone, *pair))
        np.testing.assert_array_equal(ema_column(together, pair[0]), ema_column(alone, pair[0]))


def test_ema_sides_too_large_for_the_room_are_not_made_in_advance() -> None:
    columns = Columns(random_walk(100), most_bytes=100 * 8 * 5)
    prepare_ema_sides(columns, [(2, 3), (2, 4)])
    assert not columns.has(("ema", 2))
    prepare_ema_sides(columns, [(2, 3)])
    assert columns.has(("ema sides", 2, 3))
