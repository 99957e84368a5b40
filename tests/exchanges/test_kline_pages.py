import json
import random
from typing import Any

import numpy as np
import pytest

from core.errors import DataError
from core.timeframe import Timeframe
from exchanges.binance_klines import parse_klines
from exchanges.kline_pages import KlineTable, read_klines
from tests.fakes.binance import HOUR_MS, FakeBinance, kline_rows, spot
from tests.fakes.clock import START_MS

HOUR = Timeframe.parse("1h")
ROWS = kline_rows(START_MS, 3)


def spelled(rows: Any) -> bytes:
    return json.dumps(rows, separators=(",", ":")).encode()


def test_page_in_the_venues_spelling_gives_the_numbers_that_json_gives() -> None:
    rng = random.Random(3)
    for _ in range(200):
        rows = kline_rows(START_MS, 5)
        for row in rows:
            digits = rng.randrange(1, 20)
            row[1:6] = [f"{rng.random() * 10 ** rng.randrange(-9, 12):.{digits}f}" for _ in range(5)]
            row[7] = str(rng.randrange(10**18))
        table = read_klines(spelled(rows))
        assert isinstance(table, KlineTable)
        fast, slow = parse_klines(table, "X", HOUR), parse_klines(rows, "X", HOUR)
        assert list(fast) == list(slow)
        assert all(np.array_equal(fast[name], slow[name]) for name in slow)


def test_pages_of_the_fake_are_in_the_venues_spelling() -> None:
    with FakeBinance({("BTCUSDT", "1h"): ROWS}) as venue:
        reply = spot(venue).http.get("/api/v3/klines", (("symbol", "BTCUSDT"), ("interval", "1h")), parse=read_klines)
    assert isinstance(reply.json, KlineTable)


@pytest.mark.parametrize("text", [b"[]", b"{}", json.dumps(ROWS).encode(), spelled(ROWS).replace(b"10.", b"-1."), b'[["0"]]', b"[1]"])
def test_another_spelling_is_left_to_the_reader_of_json(text: bytes) -> None:
    assert read_klines(text) == json.loads(text)


@pytest.mark.parametrize(
    "text", [b"", b"[", spelled(ROWS)[:-1], spelled(ROWS) + b"]", b"\xff", spelled(ROWS).replace(b"[1", b"[01", 1), b"[NaN]"]
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        read_klines(text)


@pytest.mark.parametrize("value", ["", ".", "1.2.3", "9" * 41, "0." + "0" * 60 + "1"])
def test_numbers_that_json_rows_may_not_hold_are_refused_here_too(value: str) -> None:
    rows = [list(row) for row in ROWS]
    rows[1][2] = value
    with pytest.raises(DataError, match="the high of row 1 is"):
        parse_klines(read_klines(spelled(rows)), "X", HOUR)


@pytest.mark.parametrize("opens", [START_MS + 1, START_MS * 1000, START_MS // 1000, START_MS - HOUR_MS // 2])
def test_times_are_checked_as_those_of_json_rows_are(opens: int) -> None:
    rows = [[opens, *ROWS[0][1:]], *ROWS[1:]]
    with pytest.raises(DataError, match="open off the 1h grid|do not last 1h"):
        parse_klines(read_klines(spelled(rows)), "X", HOUR)


def test_no_changed_byte_is_read_in_two_ways() -> None:
    """Whatever the bytes are, the quick reader accepts nothing that the other one refuses, and says the same."""
    rng, text, quick = random.Random(1), spelled(ROWS), 0
    for _ in range(5000):
        changed = bytearray(text)
        for _ in range(rng.choice((1, 1, 2))):
            changed[rng.randrange(len(text))] = rng.choice(b'0123456789.."[],- eE+xn')
        try:
            table = read_klines(bytes(changed))
        except ValueError:
            continue
        if isinstance(table, KlineTable):
            quick += 1
            rows = json.loads(bytes(changed))
            assert [row[0] for row in rows] == table.opens.tolist()
            assert [float(row[2]) for row in rows] == table.decimals["high"].tolist()
            assert {type(row[at]) for row in rows for at in (0, 6, 8)} == {int}
    assert quick > 1000
