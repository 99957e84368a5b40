"""Every broken rule of the candle contract is refused with its count and its first offender."""

import re

import numpy as np
import pytest

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe
from tests.core.bars import HOUR_MS, MARKET, START_MS, Columns, columns, with_cell


def refusal(given: Columns) -> str:
    with pytest.raises(DataError) as caught:
        Candles.from_arrays(MARKET, given)
    return str(caught.value)


def times(*hours: float) -> list[int]:
    return [START_MS + int(hour * HOUR_MS) for hour in hours]


BAD_TIMES = {
    "repeated": (times(0, 1, 1, 1, 2, 3), "2 bar(s) repeat the time of the bar before, first at row 2 (2024-01-01 01:00 UTC)"),
    "back": (times(0, 1, 2, 1, 2, 3), "1 bar(s) go back in time, first at row 3 (2024-01-01 01:00 UTC)"),
    "newest first": (times(5, 4, 3, 2, 1, 0), "5 bar(s) go back in time, first at row 1 (2024-01-01 04:00 UTC)"),
    "off grid": (times(0, 1, 2.5, 3, 4.5, 5), "2 bar(s) are off the 1h grid, first at row 2 (2024-01-01 02:30 UTC)"),
    "microseconds": ([1000 * t for t in times(0, 1, 2, 3, 4, 5)], "6 bar(s) lie outside the years 1970 to 2199"),
    "before 1970": (times(-20 * 8766 * 60, 0, 1, 2, 3, 4), "1 bar(s) lie outside the years 1970 to 2199"),
}


@pytest.mark.parametrize(("open_ms", "expected"), BAD_TIMES.values(), ids=BAD_TIMES.keys())
def test_bad_times_are_counted_with_the_first(open_ms: list[int], expected: str) -> None:
    assert expected in refusal(columns(timestamp=open_ms))


BAD_CELLS = {
    "nan open": ("open", np.nan, "hold a price that is missing or not finite", "open=nan"),
    "infinite high": ("high", np.inf, "hold a price that is missing or not finite", "high=inf"),
    "infinite close": ("close", -np.inf, "hold a price that is missing or not finite", "close=-inf"),
    "zero low": ("low", 0.0, "hold a price that is not positive", "low=0"),
    "negative low": ("low", -5.0, "hold a price that is not positive", "low=-5"),
    "high below close": ("high", 100.5, "have a high below the open, low or close", "high=100.5"),
    "low above open": ("low", 103.0, "have a low above the open or close", "low=103"),
    "negative volume": ("volume", -1.0, "hold a volume that is missing, not finite or negative", "volume=-1"),
    "nan volume": ("volume", np.nan, "hold a volume that is missing, not finite or negative", "volume=nan"),
    "infinite volume": ("volume", np.inf, "hold a volume that is missing, not finite or negative", "volume=inf"),
}


@pytest.mark.parametrize(("name", "value", "rule", "shown"), BAD_CELLS.values(), ids=BAD_CELLS.keys())
def test_bad_cell_is_shown_with_its_bar(name: str, value: float, rule: str, shown: str) -> None:
    message = refusal(with_cell(name, 2, value))
    assert f"BINANCE BTCUSDT 1h: 1 bar(s) {rule}, first at row 2 (2024-01-01 02:00 UTC): " in message
    assert shown in message


def test_several_offenders_are_counted_and_the_first_is_named() -> None:
    volume = [1.0, -1.0, 1.0, -2.0, np.nan, 1.0]
    assert "3 bar(s) hold a volume that is missing, not finite or negative, first at row 1" in refusal(columns(volume=volume))


def test_several_broken_rules_are_all_told_at_once() -> None:
    given = columns(timestamp=times(0, 1, 1, 0.5, 5, 6))
    given["close"][0], given["volume"][5] = np.nan, -1.0
    message = refusal(given)
    for rule in ("repeat the time", "go back in time", "are off the 1h grid", "not finite, first at row 0", "negative, first at row 5"):
        assert rule in message
    assert len(re.findall(r"first at row", message)) == 5
    assert "never repaired silently" in message


def test_columns_of_different_lengths_are_refused_with_all_lengths() -> None:
    message = refusal(columns(close=[101.0, 102.0]))
    assert "the columns differ in length" in message
    assert "'open': 6" in message
    assert "'close': 2" in message


def test_quote_volume_of_another_length_is_refused() -> None:
    assert "'quote_volume': 1" in refusal(columns(quote_volume=[1.0]))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_bad_quote_volume_is_refused(bad: float) -> None:
    assert "the quote volume is missing, not finite or negative" in refusal(with_cell("quote_volume", 1, bad))


def test_series_without_bars_is_refused() -> None:
    assert "the series has no bars" in refusal({name: [] for name in columns()})


def test_absent_column_is_named() -> None:
    given = columns()
    del given["close"]
    assert "there is no column close; there is timestamp, open, high, low, volume, quote_volume" in refusal(given)


def test_text_and_tables_are_no_columns() -> None:
    assert "holds something that is no number" in refusal(columns(close=["a"] * 6))
    assert "has 2 dimensions" in refusal(columns(close=np.ones((6, 2))))


@pytest.mark.parametrize("bad", [START_MS + 0.25, np.nan, np.inf])
def test_timestamp_that_is_no_whole_number_is_refused(bad: float) -> None:
    given = np.array(columns()["timestamp"], np.float64)
    given[3] = bad
    assert "1 timestamp(s) are no whole milliseconds, first at row 3" in refusal(columns(timestamp=given))


def test_holes_and_bars_without_volume_are_no_violation() -> None:
    found = Candles.from_arrays(MARKET, columns(timestamp=times(0, 1, 5, 6, 100, 101), volume=np.zeros(6)))
    assert len(found) == 6


def test_bar_of_one_price_is_sound() -> None:
    flat = dict.fromkeys(("open", "high", "low", "close"), np.full(6, 7.0))
    assert Candles.from_arrays(MARKET, columns() | flat).close[0] == 7.0


def test_weekly_bars_must_open_on_mondays() -> None:
    weekly = Market("X", "Y", Timeframe.parse("1w"))
    monday = columns(1)
    assert len(Candles.from_arrays(weekly, monday)) == 1
    with pytest.raises(DataError, match="1 bar.s. are off the 1w grid"):
        Candles.from_arrays(weekly, monday | {"timestamp": [START_MS + 3 * 24 * HOUR_MS]})
