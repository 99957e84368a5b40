"""A real adapter and the store: Binance on the loopback interface, page by page and side by side."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors import APIError, NoCandlesError
from core.market import Market
from core.paths import Paths
from core.timeframe import Timeframe
from exchanges import manager
from exchanges.rest_exchange import RestExchange
from market_data import LoadedCandles, load_candles, loading
from market_data.store import CandleStore
from tests.fakes import faults
from tests.fakes.binance import HOUR_MS, FakeBinance, kline_rows, spot
from tests.fakes.clock import START_MS
from tests.fakes.server import FaultPlan
from tests.market_data.store.stores import files_of, store_in

BARS = 9_000
MARKET = Market("BINANCE", "BTCUSDT", Timeframe.parse("1h"))


@dataclass
class Loopback:
    """The venue and what loads from it."""

    venue: FakeBinance
    exchange: RestExchange
    folder: Path

    def load(self, start: int | None, end: int | None) -> LoadedCandles:
        first, last = (None if each is None else START_MS + each * HOUR_MS for each in (start, end))
        return load_candles("BINANCE", "btcusdt", "1h", first, last, paths=Paths.under(self.folder))

    def pages(self) -> int:
        """Return how many pages of candles were asked for since the last look."""
        count = self.venue.count("klines")
        self.venue.requests.clear()
        return count


@pytest.fixture
def loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    end_ms = START_MS + BARS * HOUR_MS
    with FakeBinance({("BTCUSDT", "1h"): kline_rows(START_MS, BARS)}, now_ms=lambda: end_ms) as venue:
        exchange = spot(venue)
        monkeypatch.setattr(manager, "_FACTORIES", {"BINANCE": lambda paths: exchange})
        monkeypatch.setattr(manager.ExchangeManager, "_shared", None)
        monkeypatch.setattr(loading, "now_ms", lambda: end_ms)
        yield Loopback(venue, exchange, tmp_path)


@pytest.mark.parametrize("bars", [2_500, BARS])
def test_candles_are_those_of_the_adapter_and_are_fetched_once(loopback: Loopback, bars: int) -> None:
    expected = loopback.exchange.fetch("BTCUSDT", MARKET.timeframe, START_MS, START_MS + bars * HOUR_MS)
    loopback.venue.requests.clear()
    assert loopback.load(0, bars).candles.digest == expected.digest
    assert loopback.pages() >= bars // 1000
    assert loopback.load(0, bars).candles.digest == expected.digest
    assert loopback.pages() == 0
    assert loopback.venue.count() == 0, "a stored range needs no request at all"


def test_both_ways_give_the_same_files(loopback: Loopback, tmp_path: Path) -> None:
    loopback.load(0, BARS)
    page_by_page = tmp_path / "pages"
    for start in range(0, BARS, 1_500):
        load_candles(
            "BINANCE", "BTCUSDT", "1h", START_MS + start * HOUR_MS, START_MS + (start + 1_500) * HOUR_MS, paths=Paths.under(page_by_page)
        )
    assert files_of(CandleStore(Paths.under(tmp_path)), MARKET) == files_of(store_in(page_by_page), MARKET)


def test_dates_before_the_first_bar_are_not_asked_for_twice(loopback: Loopback) -> None:
    loaded = loopback.load(-20_000, 100)
    assert len(loaded.candles) == 100
    assert "but the first bar is" in loaded.quality.warnings[0]
    loopback.pages()
    loopback.load(-20_000, 100)
    assert loopback.venue.count() == 0


def test_a_range_before_the_first_bar_has_no_candles(loopback: Loopback) -> None:
    with pytest.raises(NoCandlesError):
        loopback.load(-20_000, -10_000)


def test_what_is_stored_needs_no_venue(loopback: Loopback) -> None:
    loaded = loopback.load(0, 3_000)
    loopback.venue.faults = FaultPlan.always(faults.status(503))
    assert loopback.load(500, 2_000).candles.digest == loaded.candles[500:2_000].digest
    with pytest.raises(APIError):
        loopback.load(0, 4_000)
