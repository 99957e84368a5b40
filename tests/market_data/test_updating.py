"""Bringing the store up to date: new bars, corrected bars, holes, and trouble that stays where it is."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.base import Exchange
from exchanges.rest_exchange import RestExchange
from market_data import updating
from market_data.series_update import RECHECKED_BARS
from market_data.store import CandleStore
from market_data.updating import SeriesUpdate, update_all
from tests.fakes import faults
from tests.fakes.binance import HOUR_MS, FakeBinance, FakeBinanceUsdm, Listed, Row, kline_rows, spot, usdm
from tests.fakes.clock import START_MS
from tests.fakes.server import FaultPlan
from tests.market_data.store.stores import store_in

HOUR = Timeframe.parse("1h")
SYMBOLS = ("ADAUSDT", "BTCUSDT", "ETHUSDT")
BARS = 2_000
NOW = START_MS + BARS * HOUR_MS


def market(symbol: str, exchange: str = "BINANCE") -> Market:
    return Market(exchange, symbol, HOUR)


@dataclass
class Venues:
    """Two venues on loopback, and a store with some bars of each of their markets."""

    spot: FakeBinance
    usdm: FakeBinanceUsdm
    store: CandleStore
    made: dict[str, RestExchange] = field(default_factory=dict)

    def exchange(self, name: str) -> Exchange:
        if name not in self.made:
            self.made[name] = spot(self.spot) if name == "BINANCE" else usdm(self.usdm)
        return self.made[name]

    def keep(self, *markets: Market, bars: int = 1_500, first: int = 0) -> None:
        """Store bars ``first`` to ``bars`` of each market, as the venue had them."""
        for each in markets:
            span = (START_MS + first * HOUR_MS, START_MS + bars * HOUR_MS)
            candles = self.exchange(each.exchange).fetch(each.symbol, HOUR, *span)
            self.store.merge(each, candles, source="rest")

    def update(self, *markets: Market, stop: threading.Event | None = None, now_ms: int = NOW) -> list[SeriesUpdate]:
        return update_all(self.store, markets, self.exchange, now_ms=now_ms, stop=stop)

    def rows(self, symbol: str = "BTCUSDT") -> list[Row]:
        return self.spot.candles[symbol, "1h"]


@pytest.fixture
def venues(tmp_path: Path) -> Iterator[Venues]:
    candles = {(symbol, "1h"): kline_rows(START_MS, BARS, scale=100.0 + at) for at, symbol in enumerate(SYMBOLS)}
    listed = {symbol: Listed() for symbol in SYMBOLS}
    with (
        FakeBinance(candles, now_ms=lambda: NOW, listed=listed) as one,
        FakeBinanceUsdm(candles, now_ms=lambda: NOW, listed=listed) as other,
    ):
        yield Venues(one, other, store_in(tmp_path))


def brief(updates: Sequence[SeriesUpdate]) -> list[tuple[str, int, int, int | None, bool]]:
    return [(str(each.market), each.added, len(each.revisions), each.end_ms, bool(each.trouble)) for each in updates]


def test_every_series_is_brought_up_to_now(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    venues.keep(market("BTCUSDT", "BINANCEUSDM"), bars=1_999)
    everything = [*map(market, SYMBOLS), market("BTCUSDT", "BINANCEUSDM")]
    assert brief(venues.update(*everything)) == [
        *((f"BINANCE {symbol} 1h", 500, 0, NOW, False) for symbol in SYMBOLS), ("BINANCEUSDM BTCUSDT 1h", 1, 0, NOW, False),
    ]  # fmt: skip
    for each in everything:
        stored = venues.store.read(each)
        assert stored is not None
        assert stored.digest == venues.exchange(each.exchange).fetch(each.symbol, HOUR, START_MS, NOW).digest


def test_a_second_update_finds_nothing_new_and_writes_nothing(venues: Venues) -> None:
    venues.keep(market("BTCUSDT"))
    venues.update(market("BTCUSDT"))
    before = {path: path.stat().st_mtime_ns for path in venues.store.folder(market("BTCUSDT")).glob("*.parquet")}
    assert brief(venues.update(market("BTCUSDT"))) == [("BINANCE BTCUSDT 1h", 0, 0, NOW, False)]
    assert {path: path.stat().st_mtime_ns for path in venues.store.folder(market("BTCUSDT")).glob("*.parquet")} == before


def test_one_request_brings_new_bars_and_checks_the_last_ones(venues: Venues) -> None:
    venues.keep(market("BTCUSDT"))
    venues.spot.requests.clear()
    venues.update(market("BTCUSDT"))
    (page,) = [request for request in venues.spot.requests if "klines" in request.path]
    assert int(page.params["startTime"]) == START_MS + (1_500 - RECHECKED_BARS) * HOUR_MS


def test_a_closed_bar_that_the_venue_has_changed_is_told(venues: Venues) -> None:
    venues.keep(market("BTCUSDT"))
    venues.rows()[1_499][5] = "77.00000000"
    venues.rows()[1_500 - RECHECKED_BARS][2] = "999.00000000"
    (update,) = venues.update(market("BTCUSDT"))
    assert (update.added, update.trouble) == (500, "")
    assert [each.open_ms for each in update.revisions] == [START_MS + bar * HOUR_MS for bar in (1_500 - RECHECKED_BARS, 1_499)]
    assert update.revisions[1].new["volume"] == 77.0


def test_a_hole_for_which_nobody_asked_is_closed(venues: Venues) -> None:
    venues.keep(market("BTCUSDT"), bars=700)
    venues.keep(market("BTCUSDT"), first=900)
    assert brief(venues.update(market("BTCUSDT"))) == [("BINANCE BTCUSDT 1h", 700, 0, NOW, False)]
    stored = venues.store.read(market("BTCUSDT"))
    assert stored is not None
    assert len(stored) == BARS


def test_eight_series_are_asked_side_by_side(venues: Venues) -> None:
    names = [f"S{number}USDT" for number in range(8)]
    for name in names:
        venues.spot.candles[name, "1h"], venues.spot.listed[name] = venues.rows(), Listed()
    venues.keep(*map(market, names))
    venues.spot.requests.clear()
    assert [each.added for each in venues.update(*map(market, names))] == [500] * 8
    # One request each, and none about where their bars begin.
    assert venues.spot.count("klines") == 8


def test_many_series_are_downloaded_side_by_side_to_the_same_bytes(venues: Venues, tmp_path: Path) -> None:
    venues.keep(*map(market, SYMBOLS), bars=10)
    alone = Venues(venues.spot, venues.usdm, store_in(tmp_path / "alone"))
    alone.keep(*map(market, SYMBOLS), bars=10)
    for symbol in SYMBOLS:
        alone.update(market(symbol))
    venues.update(*map(market, SYMBOLS))
    for symbol in SYMBOLS:
        one, other = (each.store.folder(market(symbol)) for each in (venues, alone))
        assert {path.name: path.read_bytes() for path in one.iterdir()} == {path.name: path.read_bytes() for path in other.iterdir()}


def test_a_symbol_that_is_gone_stops_no_other(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    del venues.spot.listed["BTCUSDT"]
    ada, btc, eth = venues.update(*map(market, SYMBOLS))
    assert brief([ada, eth]) == [(f"BINANCE {symbol} 1h", 500, 0, NOW, False) for symbol in ("ADAUSDT", "ETHUSDT")]
    assert (btc.added, btc.end_ms) == (0, START_MS + 1_500 * HOUR_MS)
    assert "BTCUSDT" in btc.trouble


def test_a_damaged_series_stops_no_other(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    (venues.store.folder(market("BTCUSDT")) / "manifest.json").write_text("{")
    ada, btc, eth = venues.update(*map(market, SYMBOLS))
    assert [each.added for each in (ada, eth)] == [500, 500]
    assert btc.end_ms is None
    assert "manifest.json" in btc.trouble


def test_a_dead_venue_stops_no_other_and_is_not_asked_for_every_series(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    venues.keep(market("BTCUSDT", "BINANCEUSDM"))
    venues.spot.faults = FaultPlan.always(faults.status(503))
    venues.spot.requests.clear()
    *dead, alive = venues.update(*map(market, SYMBOLS), market("BTCUSDT", "BINANCEUSDM"))
    assert brief([alive]) == [("BINANCEUSDM BTCUSDT 1h", 500, 0, NOW, False)]
    assert all("503" in each.trouble for each in dead)
    # Once for all together and for two alone, four attempts each.
    assert venues.spot.count() == 12


def test_a_venue_that_wants_to_be_left_alone_is(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    venues.spot.faults = FaultPlan.always(faults.status(418, headers={"Retry-After": "7200"}))
    venues.spot.requests.clear()
    assert all(each.trouble for each in venues.update(*map(market, SYMBOLS)))
    assert venues.spot.count() == 1


def test_an_exchange_that_cannot_be_made_is_trouble_of_its_series(venues: Venues) -> None:
    def exchange_of(name: str) -> Exchange:
        if name == "BINANCE":
            raise ConfigError("BINANCE_BASE_URL is no address")
        return venues.exchange(name)

    venues.keep(market("BTCUSDT"), market("BTCUSDT", "BINANCEUSDM"))
    one, other = update_all(
        venues.store, [market("BTCUSDT"), market("BTCUSDT", "BINANCEUSDM")], exchange_of, now_ms=NOW
    )  # fmt: skip
    assert (one.trouble, other.trouble) == ("BINANCE_BASE_URL is no address", "")


def test_an_error_that_nobody_foresaw_surfaces(venues: Venues) -> None:
    def exchange_of(name: str) -> Exchange:
        raise ZeroDivisionError(name)

    venues.keep(market("BTCUSDT"))
    with pytest.raises(ZeroDivisionError):
        update_all(venues.store, [market("BTCUSDT")], exchange_of, now_ms=NOW)


def test_a_stop_leaves_what_has_not_begun(venues: Venues) -> None:
    venues.keep(*map(market, SYMBOLS))
    stop = threading.Event()
    stop.set()
    assert venues.update(*map(market, SYMBOLS), stop=stop) == []


def test_a_stop_does_not_wait_for_a_venue_that_is_silent(venues: Venues, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer does not come while the update lasts; what was stored stays as it was."""
    monkeypatch.setattr(updating, "_GRACE_S", 0.2)
    venues.keep(market("BTCUSDT"))
    stop = threading.Event()

    def silent(reply: object, wire: object) -> None:
        stop.set()
        venues.spot.stopping.wait(60)

    venues.spot.faults = FaultPlan.always(silent)
    assert venues.update(market("BTCUSDT"), stop=stop) == []
    info = venues.store.info(market("BTCUSDT"))
    assert info is not None
    assert info.rows == 1_500


def test_a_series_without_bars_is_left(venues: Venues) -> None:
    venues.store.merge(market("BTCUSDT"), None, source="rest", covered=(START_MS, START_MS + HOUR_MS))
    venues.spot.requests.clear()
    assert brief(venues.update(market("BTCUSDT"))) == [("BINANCE BTCUSDT 1h", 0, 0, None, False)]
    assert venues.spot.count() == 0
