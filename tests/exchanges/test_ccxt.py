"""Exchanges by way of ccxt: the same contract as the others, and the same strictness."""

import importlib
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.clock import format_utc
from core.errors import APIError, ConfigError, CredentialError, DataError, NoCandlesError, RateLimitError
from core.market import MarketRules
from core.paths import Paths
from core.timeframe import DAY_MS, Timeframe
from exchanges.base import is_spot_market
from exchanges.ccxt_bridge import CcxtExchange
from market_data.fetching import fetch_missing, market_of
from market_data.store import CandleStore
from tests.certification.clients import random_bars
from tests.conftest import missing
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.exchanges.deadlines import short_deadlines
from tests.fakes import dhan, faults
from tests.fakes.bars import between, changed
from tests.fakes.ccxt_venues import HOUR_MS, NOW_MS, VENUES, CcxtVenue, FakeBybit, FakeCoinbase, FakeKucoin, FakeOkx, adapter, history
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import Fault, FaultPlan

HOUR = Timeframe.parse("1h")
CANDLES = {FakeBybit: "kline", FakeOkx: "candles", FakeKucoin: "candles", FakeCoinbase: "candles"}


@pytest.fixture(scope="module", autouse=True)
def installed_ccxt() -> None:
    try:
        importlib.import_module("ccxt")
    except ImportError:
        missing("no ccxt: pip install -r requirements-ccxt.txt")


def connect(venue: CcxtVenue, variables: pytest.MonkeyPatch, **named: Any) -> CcxtExchange:
    variables.setenv(f"{venue.exchange.replace(':', '_')}_BASE_URL", venue.url)
    return adapter(venue, **named)


@pytest.fixture(params=VENUES, ids=lambda kind: kind.exchange)
def venue(request: pytest.FixtureRequest) -> Iterator[CcxtVenue]:
    with request.param(history(800)) as server:
        yield server


@pytest.fixture
def exchange(venue: CcxtVenue, monkeypatch: pytest.MonkeyPatch) -> CcxtExchange:
    return connect(venue, monkeypatch)


@pytest.fixture(scope="module", params=VENUES, ids=lambda kind: kind.exchange)
def opened(request: pytest.FixtureRequest) -> Iterator[ExchangeFacts]:
    with request.param() as server, pytest.MonkeyPatch.context() as variables:
        start = START_MS + 240 * HOUR_MS
        exchange = connect(server, variables)
        yield ExchangeFacts(exchange, server.symbol.lower(), server.symbol, HOUR, start, start + 240 * HOUR_MS, "BTC/UST")


class TestCcxtExchange(ExchangeContract):
    @pytest.fixture
    def facts(self, opened: ExchangeFacts) -> ExchangeFacts:
        return opened


def test_whole_history_is_what_the_venue_has(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    candles = exchange.fetch(venue.symbol, HOUR, None, None)
    rows = zip(candles.open_ms, candles.open, candles.high, candles.low, candles.close, candles.volume, strict=True)
    assert [tuple(row) for row in rows] == venue.candles["1h"]


def test_random_histories_come_out_as_they_went_in(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    rng = np.random.default_rng(7)
    opens = [START_MS + k * HOUR_MS for k in range(60)]
    for _ in range(25):
        venue.candles["1h"] = random_bars(rng, opens)
        venue.most_bars = int(rng.integers(5, 60))
        candles = exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 60 * HOUR_MS)
        rows = zip(candles.open_ms, candles.open, candles.high, candles.low, candles.close, candles.volume, strict=True)
        assert [tuple(row) for row in rows] == venue.candles["1h"]


def test_bar_that_is_still_open_is_left_out(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    venue.candles["1h"] = history(60, begin_ms=NOW_MS - 60 * HOUR_MS)["1h"]
    venue.now_ms = lambda: NOW_MS - HOUR_MS // 2
    candles = exchange.fetch(venue.symbol, HOUR, NOW_MS - 10 * HOUR_MS, NOW_MS)
    assert candles.end_ms == NOW_MS - HOUR_MS


def test_page_that_answers_to_less_than_it_is_asked_leaves_no_hole(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    venue.most_bars = 37
    start = START_MS + 100 * HOUR_MS
    candles = exchange.fetch(venue.symbol, HOUR, start, start + 200 * HOUR_MS)
    assert candles.open_ms.tolist() == [bar[0] for bar in between(venue.candles["1h"], start, start + 200 * HOUR_MS)]


def test_hours_without_trades_stay_a_hole(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    del venue.candles["1h"][50:60], venue.candles["1h"][300:]
    candles = exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 400 * HOUR_MS)
    assert candles.open_ms.tolist() == [bar[0] for bar in venue.candles["1h"]]


def test_venue_that_always_answers_with_its_newest_bars_is_refused(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    venue.now_ms = lambda: START_MS + 800 * HOUR_MS
    venue.ignores_start, venue.most_bars = True, 200
    with pytest.raises(DataError, match="the venue gives only its newest ones, from 2024-05-26 00:00"):
        exchange.fetch(venue.symbol, HOUR, START_MS + 100 * HOUR_MS, START_MS + 300 * HOUR_MS)


def test_newest_bars_of_such_a_venue_are_good_enough(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    venue.now_ms = lambda: START_MS + 800 * HOUR_MS
    venue.ignores_start, venue.most_bars = True, 200
    start = START_MS + 700 * HOUR_MS
    candles = exchange.fetch(venue.symbol, HOUR, start, None)
    assert (candles.open_ms[0], len(candles)) == (start, 100)


def test_market_younger_than_a_page_is_no_cause_for_suspicion(venue: CcxtVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    venue.candles = {name: list(bars) for name, bars in history(30).items()}
    clock = FakeClock(START_MS + 30 * HOUR_MS)
    venue.now_ms = clock.now_ms
    candles = connect(venue, monkeypatch, clock=clock).fetch(venue.symbol, HOUR, START_MS - 20 * HOUR_MS, None)
    assert (candles.open_ms[0], len(candles)) == (START_MS, 30)


DAMAGES: dict[str, tuple[Fault, str]] = {
    "truncated": (faults.truncated(0.7), "cannot be read"),
    "web page": (faults.html(), "an HTML page that cannot be read"),
    "empty body": (faults.body(b""), "0 bytes that cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_answer_is_tried_again_and_then_refused(damage: str, venue: CcxtVenue, exchange: CcxtExchange) -> None:
    exchange.listing()
    fault, said = DAMAGES[damage]
    venue.faults = FaultPlan([fault], path=CANDLES[type(venue)])
    assert len(exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)) == 50
    venue.faults = FaultPlan.always(fault, path=CANDLES[type(venue)])
    with pytest.raises(DataError, match=f"{said}.*Tried 4 times"):
        exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)


def rows_of(venue: CcxtVenue, said: Any) -> list[Any]:
    if isinstance(venue, FakeBybit):
        said = said["result"]
    found = said[{FakeBybit: "list", FakeCoinbase: "candles"}.get(type(venue), "data")]
    assert isinstance(found, list)
    return found


def test_two_different_bars_of_one_time_are_refused_and_equal_ones_kept_once(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    exchange.listing()

    def twice(said: Any) -> None:
        rows_of(venue, said).append(rows_of(venue, said)[-1])

    def differ(said: Any) -> None:
        rows = rows_of(venue, said)
        first = rows[-1]
        rows.append(first | {"volume": "3.5"} if isinstance(first, dict) else [*first[:5], "3.5", *first[6:]])

    path = CANDLES[type(venue)]
    venue.faults = FaultPlan.always(changed(twice), path=path)
    assert len(exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)) == 50
    venue.faults = FaultPlan.always(changed(differ), path=path)
    with pytest.raises(DataError, match=r"come twice with different values"):
        exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)


def test_row_without_a_price_is_refused(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    exchange.listing()

    def empty(said: Any) -> None:
        row = rows_of(venue, said)[-1]
        row["close" if isinstance(row, dict) else 4] = None

    venue.faults = FaultPlan.always(changed(empty), path=CANDLES[type(venue)])
    with pytest.raises(DataError, match="in row 0 of 5. is None, not a number"):
        exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)


def test_bars_of_another_grid_are_refused(venue: CcxtVenue, exchange: CcxtExchange) -> None:
    venue.shift_ms = 60_000
    with pytest.raises(DataError, match="bars are off the 1h grid of UTC, first 2024-05-01 00:01"):
        exchange.fetch(venue.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)


def test_times_in_another_unit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeBybit() as bybit:
        exchange = connect(bybit, monkeypatch)
        exchange.listing()

        def to_seconds(said: Any) -> None:
            for row in said["result"]["list"]:
                row[0] = row[0][:-3]

        bybit.faults = FaultPlan.always(changed(to_seconds), path="kline")
        with pytest.raises(DataError, match=r"the time in row 0 of 50 is 1714521600, not UTC milliseconds"):
            exchange.fetch("BTC/USDT", HOUR, START_MS, START_MS + 50 * HOUR_MS)


ERRORS: dict[str, tuple[type[CcxtVenue], Fault, type[Exception], str]] = {
    "bybit limit": (FakeBybit, faults.body(b'{"retCode": 10006, "retMsg": "Too many visits!"}'), RateLimitError, "asks for fewer requests"),
    "bybit trouble": (FakeBybit, faults.body(b'{"retCode": 10016, "retMsg": "Server error."}'), APIError, "Server error"),
    "bybit key": (FakeBybit, faults.body(b'{"retCode": 10003, "retMsg": "API key is invalid."}'), CredentialError, "never given a key"),
    "okx symbol": (FakeOkx, faults.body(b'{"code": "51001", "msg": "Instrument ID does not exist"}'), ConfigError, "does not exist"),
    "okx request": (FakeOkx, faults.body(b'{"code": "51000", "msg": "Parameter bar error"}'), APIError, "Parameter bar error"),
    "kucoin refusal": (FakeKucoin, faults.status(400, b'{"code": "400100", "msg": "startAt is wrong"}'), APIError, "startAt is wrong"),
    "coinbase place": (FakeCoinbase, faults.status(451), APIError, "blocked in the region"),
    "firewall": (FakeCoinbase, faults.html(403), APIError, "refuses the request .HTTP 403."),
    "limit": (FakeOkx, faults.status(429, b"{}", {"Retry-After": "5"}), RateLimitError, "asks for fewer requests"),
    "ban": (FakeOkx, faults.status(418, b"{}", {"Retry-After": "500"}), RateLimitError, "has banned this computer's address"),
    "silence": (FakeKucoin, faults.hang_up, APIError, "the connection broke"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_ours_and_say_what_to_do(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, fault, error, said = ERRORS[name]
    with kind() as server:
        exchange = connect(server, monkeypatch)
        exchange.listing()
        server.faults = FaultPlan.always(fault, path=CANDLES[kind])
        with pytest.raises(error, match=said) as caught:
            exchange.fetch(server.symbol, HOUR, START_MS, START_MS + 50 * HOUR_MS)
        assert kind.exchange in str(caught.value) or server.host in str(caught.value)


def test_dripping_answer_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeOkx() as server:
        exchange = connect(server, monkeypatch)
        exchange.listing()
        server.faults = FaultPlan.always(faults.drip(0.02), path="candles")
        for exchange.http.policy in short_deadlines():
            if server.faults.played:
                break
            with pytest.raises(APIError, match="no whole answer within"):
                exchange.fetch("BTC/USDT", HOUR, START_MS, START_MS + 50 * HOUR_MS)


def test_requests_keep_to_half_of_the_pace_that_ccxt_states(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock(NOW_MS)
    with FakeOkx() as server:
        exchange = connect(server, monkeypatch, clock=clock)
        for at in range(40):
            exchange.fetch("BTC/USDT", HOUR, START_MS + at * HOUR_MS, START_MS + (at + 1) * HOUR_MS)
    # ccxt asks OKX for its candles at most once in 55 ms; half of that is once in 110 ms.
    assert clock.monotonic() - 1000.0 >= 0.110 * (40 - 18)


def test_callers_who_try_again_themselves_get_one_attempt(exchange: CcxtExchange, venue: CcxtVenue) -> None:
    venue.faults = FaultPlan.always(faults.status(503))
    status = exchange.once().check_connectivity()
    assert (status.ok, len(venue.requests)) == (False, 1)
    assert not exchange.check_connectivity().ok
    assert len(venue.requests) == 5


def test_store_takes_the_bars_page_by_page_and_asks_for_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeOkx(history(3000)) as server:
        exchange, store = connect(server, monkeypatch), CandleStore(Paths.default())
        market = market_of(exchange, "btc/usdt", HOUR)
        end = START_MS + 3000 * HOUR_MS
        report = fetch_missing(exchange, store, market, START_MS, end, now_ms=NOW_MS)
        stored = store.read(market)
        assert stored is not None
        assert (report.added, stored.open_ms.tolist()) == (3000, [bar[0] for bar in server.candles["1h"]])
        asked = len(server.requests)
        assert fetch_missing(exchange, store, market, START_MS, end, now_ms=NOW_MS).added == 0
        assert len(server.requests) == asked
        assert [path.name for path in store.root.iterdir()] == ["CCXT%3AOKX"]


def test_market_facts_are_in_the_base_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeBybit() as server:
        exchange = connect(server, monkeypatch)
        assert exchange.market_rules("btc/usdt") == MarketRules(qty_step=1e-06, min_qty=4.8e-05, min_notional=1.0, price_step=0.01)
        contract = exchange.market_rules("BTC/USDT:USDT")
        assert (contract.qty_step, contract.min_qty, contract.price_step) == (0.001, 0.001, 0.5)
        assert contract.min_notional in (0.0, 5.0)  # 4.5.64 does not read a contract's smallest value, 4.5.90 does
        assert (is_spot_market(exchange, "BTC/USDT"), is_spot_market(exchange, "BTC/USDT:USDT")) == (True, False)
        assert exchange.top_symbols("USDT", 5) == [("BTC/USDT", 123456.5)]


def test_unknown_symbol_offers_the_nearest(exchange: CcxtExchange, venue: CcxtVenue) -> None:
    wrong = venue.symbol.replace("/", "/X")
    with pytest.raises(ConfigError, match=f"{venue.exchange} has no symbol '{wrong}'. Did you mean '{venue.symbol}'"):
        exchange.fetch(wrong, HOUR, START_MS, START_MS + HOUR_MS)


def test_range_without_bars_names_the_span(exchange: CcxtExchange, venue: CcxtVenue) -> None:
    end = format_utc(START_MS + 800 * HOUR_MS)
    with pytest.raises(NoCandlesError, match=f"there are bars from {format_utc(START_MS)} to {end} UTC"):
        exchange.fetch(venue.symbol, HOUR, START_MS - 10 * DAY_MS, START_MS - 9 * DAY_MS)


def test_account_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeOkx() as server:
        exchange = connect(server, monkeypatch)
        with pytest.raises(ConfigError, match="CCXT:OKX has no account check: .* ccxt is never given a key"):
            exchange.check_account(dhan.secrets())
        assert server.requests == []


def test_nothing_of_ccxt_reaches_a_log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with FakeOkx() as server, caplog.at_level(logging.DEBUG):
        exchange = connect(server, monkeypatch)
        exchange.fetch("BTC/USDT", HOUR, START_MS, START_MS + 50 * HOUR_MS)
    assert not [record for record in caplog.records if record.name.startswith("ccxt")]
