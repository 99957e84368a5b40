"""Many series at once: how far they are is told, a stop loses nothing, and only whole ranges count as done."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.timeframe import Timeframe
from exchanges.parallel import Part
from market_data import load_candles
from market_data.fetching import FetchProgress, Wanted, fetch_missing, fetch_series, market_of
from market_data.store import CandleStore
from tests.fakes.binance import HOUR_MS, FakeBinance, kline_rows, spot
from tests.fakes.clock import START_MS
from tests.market_data.store.fake_exchange import PagedVenue, PlainVenue
from tests.market_data.store.stores import HOUR, MARKET, files_of, history, hours, store_in

BARS = 6_000
SYMBOLS = ("BTCUSDT", "ETHUSDT")


@pytest.fixture
def venue() -> Iterator[FakeBinance]:
    candles = {(symbol, "1h"): kline_rows(START_MS, BARS) for symbol in SYMBOLS}
    with FakeBinance(candles, now_ms=lambda: START_MS + BARS * HOUR_MS) as venue:
        yield venue


def wanted(venue: FakeBinance, start: int = 0, end: int = BARS) -> list[Wanted]:
    span = START_MS + start * HOUR_MS, START_MS + end * HOUR_MS
    return [Wanted(market_of(spot(venue), symbol, HOUR), *span) for symbol in SYMBOLS]


def held(store: CandleStore) -> list[int]:
    found = [store.read(market) for market in store.markets()]
    return [len(candles) for candles in found if candles is not None]


@pytest.mark.parametrize("bars", [3_000, BARS])
def test_progress_ends_with_everything_one_by_one_and_side_by_side(store: CandleStore, venue: FakeBinance, bars: int) -> None:
    told: list[FetchProgress] = []
    reports = fetch_series(spot(venue), store, wanted(venue, -500, bars), on_progress=told.append)
    assert [report.added for report in reports] == [bars, bars]
    assert all(report.complete for report in reports)
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert (told[-1].done, told[-1].total) == (2 * bars, 2 * bars)
    assert fetch_series(spot(venue), store, wanted(venue, -500, bars), on_progress=told.append)[0].missing == ()


def test_progress_of_exchanges_without_paging_counts_their_batches(store: CandleStore) -> None:
    told: list[FetchProgress] = []
    fetch_missing(PlainVenue(history(2_500)), store, MARKET, *hours(0, 2_500), on_progress=told.append)
    assert [each.done for each in told] == [1000, 2000, 2500]


def test_time_without_candles_is_not_counted_and_leaves_nothing_unfinished(store: CandleStore) -> None:
    told: list[FetchProgress] = []
    venue = PagedVenue(history(60, missing=range(20, 35)))
    fetch_missing(venue, store, MARKET, *hours(-40, 60), now_ms=venue.now_ms, on_progress=told.append)
    assert (told[-1].done, told[-1].total) == (45, 45)


@pytest.mark.parametrize("bars", [3_000, BARS])
def test_a_stop_keeps_what_came_and_the_rest_is_fetched_later(store: CandleStore, venue: FakeBinance, tmp_path: Path, bars: int) -> None:
    stop, seen = threading.Event(), 0

    def look(progress: FetchProgress) -> None:
        nonlocal seen
        seen = progress.done
        if progress.done >= 2_000:
            stop.set()

    reports = fetch_series(spot(venue), store, wanted(venue, 0, bars), on_progress=look, stop=stop)
    assert not all(report.complete for report in reports)
    assert sum(held(store)) == sum(report.added for report in reports) >= seen >= 2_000
    rest = fetch_series(spot(venue), store, wanted(venue, 0, bars))
    assert sum(report.added for report in rest) == 2 * bars - sum(report.added for report in reports)
    whole = store_in(tmp_path / "whole")
    fetch_series(spot(venue), whole, wanted(venue, 0, bars))
    assert all(files_of(store, each.market) == files_of(whole, each.market) for each in wanted(venue))


def test_a_stop_after_the_last_answer_is_no_stop(store: CandleStore) -> None:
    stop = threading.Event()
    stop.set()
    report = fetch_missing(PagedVenue(history(10)), store, MARKET, *hours(0, 10), stop=stop)
    assert report.complete
    assert report.added == 10


def test_every_part_is_shown_with_its_market(store: CandleStore, venue: FakeBinance) -> None:
    parts: list[Part] = []
    fetch_series(spot(venue), store, wanted(venue), on_part=parts.append)
    assert {part.market.symbol for part in parts} == set(SYMBOLS)
    assert sum(part.bars for part in parts) == 2 * BARS


def test_stopped_loading_is_an_interruption(venue: FakeBinance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_BASE_URL", venue.url)
    stop = threading.Event()
    told: list[FetchProgress] = []

    def look(progress: FetchProgress) -> None:
        told.append(progress)
        stop.set()

    with pytest.raises(KeyboardInterrupt):
        load_candles("BINANCE", "BTCUSDT", "1h", START_MS, START_MS + 3_000 * HOUR_MS, on_progress=look, stop=stop)
    loaded = load_candles("BINANCE", "BTCUSDT", Timeframe.parse("1h"), START_MS, START_MS + 3_000 * HOUR_MS)
    assert (len(told), len(loaded.candles)) == (1, 3_000)
