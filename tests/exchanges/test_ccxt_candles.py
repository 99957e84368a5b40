"""Whatever a venue makes of a question, its answer is whole or refused: never a hole that is not the venue's own."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.errors import DataError
from core.timeframe import DAY_MS, TIMEFRAMES
from exchanges.ccxt_candles import CcxtCandles, parse_rows
from tests.fakes.clock import START_MS

HOUR_MS = 3_600_000
HOUR, DAY = TIMEFRAMES["1h"], TIMEFRAMES["1d"]
DAYS = 40
NOW_MS = START_MS + DAYS * DAY_MS
STEPS = {"1h": HOUR_MS, "1d": DAY_MS}
Row = list[Any]
# (rows oldest first, start or None, number of bars, step) -> rows in any order
Habit = Callable[[list[Row], int | None, int, int], list[Row]]


def from_start_on(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """The oldest bars from the start on, however late they are."""
    return rows[-bars:] if since is None else [row for row in rows if row[0] >= since][:bars]


def window(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """The bars of so many steps from the start on, the newest first, and one more where the end counts."""
    return rows[-bars:] if since is None else [row for row in rows if since <= row[0] <= since + bars * step][::-1]


def window_of_few(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """Never more than 17 bars, the newest of those asked for."""
    return window(rows, since, bars, step)[-17:] if since is None else window(rows, since, bars, step)[:17]


def few_from_start_on(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """Never more than 17 bars, the oldest of those asked for."""
    return from_start_on(rows, since, min(bars, 17), step)


def newest(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """The newest bars, as many as asked for, wherever the question starts."""
    return rows[-bars:]


def newest_from_start_on(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """The newest bars of all from the start on."""
    return [row for row in rows if since is None or row[0] >= since][-bars:]


def newest_hundred(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """Always the newest hundred, neither start nor number counts."""
    return rows[-100:]


def all_there_is(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """Everything, whatever is asked."""
    return rows


def oldest_hundred(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
    """Always the oldest hundred, but the newest where no start is named."""
    return rows[-100:] if since is None else rows[:100]


HONEST = (from_start_on, window, window_of_few, few_from_start_on)
LIARS = (all_there_is, newest, newest_from_start_on, newest_hundred, oldest_hundred)


def random_rows(rng: np.random.Generator) -> dict[str, list[Row]]:
    """Return hours with random holes, some of them days long, and the days in which there was trade."""
    traded = rng.random(DAYS * 24) < rng.choice([0.3, 0.9, 1.0])
    for _ in range(int(rng.integers(0, 4))):
        begin = int(rng.integers(0, DAYS * 24))
        traded[begin : begin + int(rng.integers(1, 120))] = False
    traded[: int(rng.integers(0, DAYS * 12))] = False
    hours = [[START_MS + int(k) * HOUR_MS, 10.0, 12.0, 9.0, 11.0, float(1 + k % 5)] for k in np.flatnonzero(traded)]
    days = sorted({row[0] - row[0] % DAY_MS for row in hours})
    return {"1h": hours, "1d": [[day, 10.0, 12.0, 9.0, 11.0, 5.0] for day in days]}


def candles_of(rows: dict[str, list[Row]], habit: Habit, page_bars: int = 100) -> CcxtCandles:
    def fetch(_symbol: str, timeframe: str, since: int | None, bars: int, _end_ms: int) -> list[Row]:
        return habit(rows[timeframe], since, bars, STEPS[timeframe])

    return CcxtCandles("CCXT:TEST", fetch, page_bars, {"1h": "1h", "1d": "1d"}, lambda: NOW_MS)


@pytest.mark.parametrize("habit", HONEST, ids=lambda habit: habit.__name__)
def test_every_bar_comes_from_a_venue_that_answers_what_is_asked(habit: Habit) -> None:
    for seed in range(60):
        rng = np.random.default_rng(seed)
        rows = random_rows(rng)
        candles = candles_of(rows, habit)
        start = START_MS + int(rng.integers(0, DAYS * 24)) * HOUR_MS
        end = min(start + int(rng.integers(1, 101)) * HOUR_MS, NOW_MS)
        expected = [row[0] for row in rows["1h"] if start <= row[0] < end]
        assert candles.opens("BTC/USDT", HOUR, start, end).tolist() == expected, f"seed {seed}"


@pytest.mark.parametrize("habit", LIARS, ids=lambda habit: habit.__name__)
def test_venue_that_answers_something_else_makes_no_hole(habit: Habit) -> None:
    refused = 0
    for seed in range(150):
        rng = np.random.default_rng(1000 + seed)
        rows = random_rows(rng)
        start = START_MS + int(rng.integers(0, DAYS * 24)) * HOUR_MS
        end = min(start + int(rng.integers(1, 101)) * HOUR_MS, NOW_MS)
        expected = [row[0] for row in rows["1h"] if start <= row[0] < end]
        try:
            found = candles_of(rows, habit).opens("BTC/USDT", HOUR, start, end).tolist()
        except DataError:
            refused += 1
        else:
            assert found == expected, f"seed {seed}"
    assert 0 < refused < 150


@pytest.mark.parametrize("habit", HONEST, ids=lambda habit: habit.__name__)
def test_oldest_bar_is_found(habit: Habit) -> None:
    for seed in range(20):
        rows = random_rows(np.random.default_rng(2000 + seed))
        candles = candles_of(rows, habit)
        assert candles.oldest("BTC/USDT", DAY, START_MS - 2000 * DAY_MS) == rows["1d"][0][0]
        assert candles.oldest("BTC/USDT", HOUR, rows["1d"][0][0]) == rows["1h"][0][0]


def test_answers_that_never_cover_the_range_end() -> None:
    def one(rows: list[Row], since: int | None, bars: int, step: int) -> list[Row]:
        return window(rows, since, bars, step)[-1:]

    rows = random_rows(np.random.default_rng(2))
    with pytest.raises(DataError, match="the answers are too small to cover the range"):
        candles_of(rows, one).cover("BTC/USDT", HOUR, START_MS, NOW_MS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ([4, None, None, None, None, None], "the time in row 1 of 2 is 4, not UTC milliseconds"),
        ([1_704_067_200, 1.0, 1.0, 1.0, 1.0, 1.0], "the time in row 1 of 2 is 1704067200, not UTC milliseconds"),
        ([1_704_067_200_000_000, 1.0, 1.0, 1.0, 1.0, 1.0], "the time in row 1 of 2 is 1704067200000000, not UTC milliseconds"),
        ([None, None, None, None, None, None], "the time in row 1 of 2 is None"),
        ([1_704_067_200_000.0, 1.0, 1.0, 1.0, 1.0, 1.0], "the time in row 1 of 2 is 1704067200000.0"),
        ([1_704_067_200_000, 1.0, 1.0, 1.0, 1.0], "row 1 of 2 is no bar of six values"),
        ("[", "row 1 of 2 is no bar of six values"),
        ([1_704_067_200_000, 1.0, "1", 1.0, 1.0, 1.0], "high in row 1 of 2 is '1', not a number"),
        ([1_704_067_200_000, 1.0, 1.0, 1.0, float("nan"), 1.0], "close in row 1 of 2 is nan, not a"),
        ([1_704_067_200_000, 1.0, 1.0, 1.0, 1.0, None], "volume in row 1 of 2 is None, not a number"),
    ],
)
def test_garbage_rows_are_refused_with_their_place(row: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        parse_rows([[1_704_067_200_000, 1.0, 1.0, 1.0, 1.0, 1.0], row], "CCXT:TEST BTC/USDT 1h")


def test_no_list_is_refused() -> None:
    with pytest.raises(DataError, match="no list of bars"):
        parse_rows({"error": "busy"}, "CCXT:TEST BTC/USDT 1h")  # type: ignore[arg-type]
