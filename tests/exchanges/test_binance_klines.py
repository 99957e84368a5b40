"""Rows of candles are read strictly: whatever is not exactly as documented stops the download, and no row of it is kept."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.binance_klines import decimal_float, parse_klines
from tests.exchanges.candle_tables import START_MS
from tests.fakes import faults
from tests.fakes.binance import DAY_MS, HOUR_MS, MINUTE_MS, FakeBinance, Row, kline_rows, spot
from tests.fakes.server import FaultPlan

HOUR = Timeframe.parse("1h")
END_MS = START_MS + 3 * HOUR_MS
GOOD = kline_rows(START_MS, 3)


def changed(row: int, item: int, value: Any) -> list[Row]:
    rows = [list(each) for each in GOOD]
    rows[row][item] = value
    return rows


def fetch(body: bytes) -> Candles:
    """Ask for three bars and get ``body``."""
    with FakeBinance({("BTCUSDT", "1h"): GOOD}, faults=FaultPlan.always(faults.body(body), path="klines")) as venue:
        return spot(venue).fetch("BTCUSDT", HOUR, START_MS, END_MS)


def test_good_rows_are_read_exactly() -> None:
    columns = parse_klines(GOOD, "X", HOUR)
    assert columns["timestamp"].tolist() == [START_MS, START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]
    assert columns["open"].tolist() == [float(row[1]) for row in GOOD]
    assert columns["quote_volume"].tolist() == [float(row[7]) for row in GOOD]
    candles = fetch(json.dumps(GOOD).encode())
    assert candles.close.tolist() == [float(row[4]) for row in GOOD]
    assert candles.quote_volume is not None


def test_empty_answer_has_no_bars() -> None:
    assert len(parse_klines([], "X", HOUR)["timestamp"]) == 0


@pytest.mark.parametrize("said", [{}, None, "text", 5, True, {"code": 0, "msg": "x"}, [[]], [None], [{}], ["123456789012"], [GOOD[0], 7]])
def test_anything_but_rows_is_refused(said: Any) -> None:
    with pytest.raises(DataError, match="not what is documented"):
        parse_klines(said, "X", HOUR)


BAD_ITEMS = {
    "price as a number": (1, 100.5), "price as a whole number": (1, 100), "no price": (2, None), "empty price": (3, ""),
    "NaN": (4, "NaN"), "nan": (4, "nan"), "infinity": (2, "Infinity"), "1e400": (2, "1e400"), "exponent": (2, "1e2"),
    "underscore": (1, "1_0"), "blank": (1, " 100"), "newline": (1, "100\n"), "two points": (1, "1.0.0"), "hexadecimal": (1, "0x10"),
    "foreign digits": (1, "\u0661\u0660\u0660"), "negative": (3, "-1.0"), "plus": (3, "+1.0"), "point": (3, "."),
    "100 digits": (5, "1" * 100),
    "list": (1, ["1"]), "true": (1, True), "time as text": (0, str(START_MS)), "time as a float": (0, float(START_MS)),
    "time of 25 digits": (0, 10**24), "no time": (0, None), "time true": (0, True), "close as text": (6, "1"), "no close": (6, None),
    "trades as text": (8, "5"), "quote volume as a number": (7, 1.5), "negative volume": (5, "-5.0"),
}  # fmt: skip


@pytest.mark.parametrize(("item", "value"), BAD_ITEMS.values(), ids=BAD_ITEMS)
@pytest.mark.parametrize("row", [0, 2])
def test_bad_item_is_refused(row: int, item: int, value: Any) -> None:
    with pytest.raises(DataError, match="not what is documented"):
        parse_klines(changed(row, item, value), "X", HOUR)


@pytest.mark.parametrize("count", [0, 1, 11, 13])
def test_other_count_of_items_is_refused(count: int) -> None:
    with pytest.raises(DataError, match="row 1 is no list of 12 values"):
        parse_klines([GOOD[0], [*GOOD[1], "0"][:count]], "X", HOUR)


BAD_PRICES = {
    "zero": (3, "0.00000000"), "high below low": (2, "1.00000000"), "open above high": (1, "99999.0"), "close below low": (4, "0.00000001"),
    "low above close": (3, "9999.0"),
}  # fmt: skip


@pytest.mark.parametrize(("item", "value"), BAD_PRICES.values(), ids=BAD_PRICES)
def test_impossible_prices_are_refused(item: int, value: str) -> None:
    with pytest.raises(DataError, match=r"1 bar\(s\)|hold a price"):
        fetch(json.dumps(changed(1, item, value)).encode())


def test_spike_is_kept() -> None:
    assert fetch(json.dumps(changed(1, 2, "105000.00000000")).encode()).high[1] == 105_000


BAD_TIMES = {
    "seconds": lambda row: [row[0] // 1000, *row[1:6], row[6] // 1000, *row[7:]],
    "microseconds": lambda row: [row[0] * 1000, *row[1:6], row[6] * 1000 + 999, *row[7:]],
    "off the grid": lambda row: [row[0] + 1, *row[1:6], row[6] + 1, *row[7:]],
    "close before open": lambda row: [*row[:6], row[0] - 1, *row[7:]],
    "close overlaps the next open": lambda row: [*row[:6], row[6] + 1, *row[7:]],
    "a longer timeframe": lambda row: [*row[:6], row[0] + 4 * HOUR_MS - 1, *row[7:]],
    "a shorter timeframe": lambda row: [*row[:6], row[0] + 15 * MINUTE_MS - 1, *row[7:]],
    "future": lambda row: [row[0] + 1000 * DAY_MS, *row[1:6], row[6] + 1000 * DAY_MS, *row[7:]],
    "before the window": lambda row: [row[0] - 5 * HOUR_MS, *row[1:6], row[6] - 5 * HOUR_MS, *row[7:]],
}


@pytest.mark.parametrize("change", BAD_TIMES.values(), ids=BAD_TIMES)
def test_wrong_times_are_refused(change: Any) -> None:
    with pytest.raises(DataError):
        fetch(json.dumps([change(row) for row in GOOD]).encode())


def test_minutes_instead_of_hours_are_refused() -> None:
    with pytest.raises(DataError):
        fetch(json.dumps(kline_rows(START_MS, 3, MINUTE_MS)).encode())


def test_bar_that_an_outage_cut_short_is_kept() -> None:
    assert len(fetch(json.dumps(changed(2, 6, GOOD[2][0] + 1_694_788)).encode())) == 3


def test_rows_out_of_order_and_equal_repeats_are_put_in_order() -> None:
    candles = fetch(json.dumps([GOOD[2], GOOD[0], GOOD[1], GOOD[0]]).encode())
    assert candles.close.tolist() == [float(row[4]) for row in GOOD]


def test_conflicting_repeats_are_refused() -> None:
    with pytest.raises(DataError, match=r"1 bar\(s\) come twice with different values"):
        fetch(json.dumps([*GOOD, *changed(1, 5, "11.5")[1:2]]).encode())


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"-Infinity", b"1e400", b"1111111111111111111111111"])
@pytest.mark.parametrize("item", [0, 1, 6])
def test_numbers_that_json_should_not_hold_are_refused(literal: bytes, item: int) -> None:
    body = json.dumps(changed(0, item, "@")).encode().replace(b'"@"', literal)
    with pytest.raises(DataError):
        fetch(body)


@pytest.mark.parametrize("text", ["0", "0.00000100", "123456789.12345678", "007"])
def test_plain_decimals_are_numbers(text: str) -> None:
    assert decimal_float(text) == float(text)


RECORDED = [
    ("BTCUSDT_15m_2025-10-06", 672), ("BTCUSDT_15m_2025-10-13", 672), ("BTCUSDT_1h_2022-01-01", 744), ("BTCUSDT_1h_2022-02-01", 672),
    ("BTCUSDT_1h_2022-03-01", 744), ("BTCUSDT_1h_2023-03-01", 743), ("BTCUSDT_4h_2018-01-01", 533), ("ETHUSDT_1h_2022-01-01", 744),
    ("ETHUSDT_1h_2023-03-01", 743), ("SOLUSDT_15m_2025-10-06", 672), ("SOLUSDT_4h_2017-07-01", 0), ("SOLUSDT_4h_2020-07-01", 305),
]  # fmt: skip


@pytest.mark.parametrize(("name", "bars"), RECORDED)
def test_recorded_answers_of_the_venue_are_read(shared_data: Path, name: str, bars: int) -> None:
    rows = json.loads((shared_data / "recorded" / "binance_rest_klines" / f"{name}.json").read_bytes())
    symbol, interval, _day = name.split("_")
    timeframe = Timeframe.parse(interval)
    columns = parse_klines(rows, name, timeframe)
    assert len(columns["timestamp"]) == bars
    if bars:
        candles = Candles.from_arrays(Market("BINANCE", symbol, timeframe), columns)
        assert np.array_equal(candles.volume, [float(row[5]) for row in rows])
