"""Indicator columns are made once for all runs that ask, as long as they fit into the bytes that they may take."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from numpy.typing import NDArray

from backtest_engine import BatchSimulation
from config import ExecutionConfig
from core.candles import Candles
from strategies import Columns
from strategies.indicators import rsi
from tests.backtest_engine.markets import BUSY, random_walk
from tests.patience import PROGRAM_SECONDS

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


def test_nobody_waits_for_a_column_that_somebody_else_wants() -> None:
    columns, together = Columns(random_walk(BARS)), Barrier(2)

    def compute(_: Candles) -> NDArray[np.float64]:
        together.wait(PROGRAM_SECONDS)  # is passed by two at once only
        return np.zeros(BARS)

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(lambda name: columns.values(name, compute), "ab"))) == 2


def test_a_column_that_could_not_be_made_is_made_by_the_next_one_who_asks() -> None:
    columns = Columns(random_walk(BARS))

    def fail(_: Candles) -> NDArray[np.float64]:
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        columns.values("a", fail)
    assert columns.values("a", lambda _: np.ones(BARS))[0] == 1.0


def test_a_batch_makes_one_column_for_each_distinct_period(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Counter[int]()

    def counting(closes: NDArray[np.float64], period: int) -> NDArray[np.float64]:
        made[period] += 1
        return rsi(closes, period)

    monkeypatch.setattr("strategies.shared.rsi", counting)
    values = {"rsi_period": np.repeat([2, 3], 20), "rsi_long_threshold": np.tile([30.0, 40.0], 20)}
    batch = BatchSimulation(random_walk(300), BUSY, values, 2.0, ExecutionConfig())
    batch.advance(100)
    batch.advance(batch.bars, np.arange(5))
    assert made == {2: 1, 3: 1}


def test_nothing_stays_of_columns_that_were_forgotten() -> None:
    columns = Columns(random_walk(BARS), most_bytes=2 * A_COLUMN)
    for number in range(50):
        columns.values(number, lambda _: np.zeros(BARS))
    assert (len(columns._arrays), len(columns._making)) == (2, 0)
