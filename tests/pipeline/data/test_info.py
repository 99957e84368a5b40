"""``data info``: every stored series in one row, and the exact quality of one."""

import re
from dataclasses import replace

import pytest

from core.clock import format_utc
from tests.fakes.binance import HOUR_MS
from tests.fakes.clock import START_MS
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import HOLE, Shop, day


def at(bar: int) -> str:
    return format_utc(START_MS + bar * HOUR_MS)


def test_every_series_is_a_row(filled: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "info")
    assert ended.code == 0
    assert re.search(rf"BINANCE BTCUSDT 1h +6,000 +{day(0)} 00:00 to {day(250)} 00:00 +none +[\d.]+ kB, [\d.]+ B/bar +rest +0", ended.out)
    assert re.search(r"BINANCE ETHUSDT 1h +5,990 .* 1 \(10 bars\)", ended.out)
    assert ended.out.count("BINANCE ") == 4
    assert filled.pages() == [], "looking asks no venue"


def test_rows_fit_eighty_columns(filled: Shop, invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = invoke("data", "info").out.splitlines()
    assert all(len(line) <= 80 for line in lines[:-1])
    assert any(re.match(rf" BINANCE +6,000 +{day(0)} 00:00 ", line) for line in lines)


def test_exchange_and_timeframe_narrow_the_list(filled: Shop, invoke: Invoke) -> None:
    assert invoke("data", "info", "--timeframe", "1d", "--exchange", "binance").out.count("BINANCE ") == 2


def test_a_symbol_shows_its_exact_holes_and_what_nobody_asked_for(filled: Shop, invoke: Invoke) -> None:
    out = invoke("data", "info", "ethusdt", "--timeframe", "1H").out
    assert "5,990 of 6,000 from" in out
    assert re.search(rf"Holes: 1 *\n(?:.*\n){{3}} +{at(HOLE[0])} +{at(HOLE[-1] + 1)} +10 *\n", out)
    assert re.search(r"duplicates +0 *\n", out)
    assert re.search(rf"Not asked for yet: 1 *\n(?:.*\n){{3}} +{at(6000)} ", out)


def test_long_lists_are_cut_and_say_so(shop: Shop, invoke: Invoke) -> None:
    for first in (0, 10, 20, 30):
        invoke("data", "fetch", "BTCUSDT", "--from", day(first), "--to", day(first + 2))
    out = invoke("data", "info", "BTCUSDT", "--limit", "2").out
    assert "Holes: 3" in out
    assert out.count("and 1 more; --limit 0 lists all") == 1
    assert "more; --limit" not in invoke("data", "info", "BTCUSDT", "--limit", "0").out


def test_unknown_symbol_offers_the_nearest_stored_one(filled: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "info", "ETHUSTD")
    assert ended.code == 2
    assert "Did you mean 'ETHUSDT'?" in ended.err


def test_nothing_stored_says_how_to_begin(shop: Shop, invoke: Invoke) -> None:
    ended = invoke("data", "info")
    assert ended.code == 0
    assert "data fetch BTCUSDT" in ended.out


def test_a_damaged_series_does_not_hide_the_others(filled: Shop, invoke: Invoke) -> None:
    filled.files("BTCUSDT")[0].write_bytes(b"")
    ended = invoke("data", "info")
    assert ended.code == 1
    assert re.search(r"BINANCE BTCUSDT 1h +damaged", ended.out)
    assert re.search(r"BINANCE ETHUSDT 1h +5,990", ended.out)
    assert "data verify" in ended.out


def test_changed_bars_tell_when_they_were_found_and_archives_their_checksums(filled: Shop, invoke: Invoke) -> None:
    market, digest = filled.market(), "ab" * 32
    first = filled.store.read(market, START_MS, START_MS + HOUR_MS)
    assert first is not None
    filled.store.merge(market, first, source="archive", origin=f"archive BTCUSDT-1h-2024-01 sha256:{digest}")
    filled.store.merge(market, replace(first, volume=first.volume + 1), source="rest", now_ms=START_MS + 90_000)
    out = invoke("data", "info", "BTCUSDT").out
    assert re.search(rf"{at(0)} +{format_utc(START_MS + 60_000)} +rest +volume ", out)
    assert re.search(rf"Files of archives: 1 *\n(?:.*\n){{3}} +archive BTCUSDT-1h-2024-01 +{digest} *\n", out)


def test_series_without_bars_is_a_row_of_its_own(shop: Shop, invoke: Invoke) -> None:
    shop.store.merge(shop.market(), None, source="rest", covered=(START_MS, START_MS + HOUR_MS))
    assert re.search(r"BINANCE BTCUSDT 1h +0 +- +none +- +- +0 *\n", invoke("data", "info").out)
