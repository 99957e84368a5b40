"""BINANCE: symbols and rules, candles by pages, the venue's clock."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from config.secrets import Secrets
from core.errors import APIError, ConfigError, DataError
from core.market import MarketRules
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.binance import SPOT, BinanceDialect
from tests.fakes.binance import (
    API_KEY,
    API_SECRET,
    DAY_MS,
    HOUR_MS,
    FakeBinance,
    Listed,
    error,
    http_core,
    kline_rows,
    spot,
)
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import FakeVenue, FaultPlan, Reply

HOUR = Timeframe.parse("1h")
KEYS = {"BINANCE_API_KEY": API_KEY, "BINANCE_API_SECRET": API_SECRET}


def secrets(**changed: str) -> Secrets:
    return Secrets(Path("config/.env"), True, False, KEYS | changed)


@pytest.fixture
def venue() -> Iterator[FakeBinance]:
    with FakeBinance() as venue:
        yield venue


# Candles


def test_long_history_is_fetched_by_pages_each_bar_once(venue: FakeBinance) -> None:
    candles = spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + 2500 * HOUR_MS)
    rows = venue.candles["BTCUSDT", "1h"]
    assert candles.open_ms.tolist() == [row[0] for row in rows]
    assert candles.close.tolist() == [float(row[4]) for row in rows]
    pages = [request.params for request in venue.requests if request.params.get("limit") == "1000"]
    assert len(pages) == 3
    assert [int(page["startTime"]) for page in pages] == [START_MS + 1000 * number * HOUR_MS for number in range(3)]


def test_one_page_is_one_request_beside_the_time(venue: FakeBinance) -> None:
    spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + 1000 * HOUR_MS)
    assert [request.path for request in venue.requests] == ["/api/v3/time", "/api/v3/klines"]


def test_years_before_the_listing_are_not_asked_for(venue: FakeBinance) -> None:
    candles = spot(venue).fetch("BTCUSDT", HOUR, 0, START_MS + 1000 * HOUR_MS)
    assert len(candles) == 1000
    assert venue.count("klines") == 2


def test_range_that_ends_inside_a_bar_holds_that_bar(venue: FakeBinance) -> None:
    candles = spot(venue).fetch("BTCUSDT", HOUR, START_MS - 5, START_MS + HOUR_MS + 1)
    assert candles.open_ms.tolist() == [START_MS, START_MS + HOUR_MS]


@pytest.mark.parametrize(("after_ms", "bars"), [(0, 9), (1, 9), (HOUR_MS - 1, 9), (HOUR_MS, 10)])
def test_only_bars_closed_by_the_venues_clock_are_taken(after_ms: int, bars: int) -> None:
    with FakeBinance(now_ms=lambda: START_MS + 9 * HOUR_MS + after_ms) as venue:
        for local_ms in (START_MS, START_MS + 9 * HOUR_MS, START_MS + 400 * DAY_MS):
            exchange = spot(venue, FakeClock(local_ms))
            assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, None)) == bars
            assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, START_MS + 400 * DAY_MS)) == bars
            assert exchange.available_span("BTCUSDT", HOUR) == (START_MS, START_MS + bars * HOUR_MS)


def test_time_is_carried_on_by_the_clock_that_never_jumps() -> None:
    clock = FakeClock()
    with FakeBinance(now_ms=lambda: START_MS + 9 * HOUR_MS + round((clock.monotonic() - 1000) * 1000)) as venue:
        exchange = spot(venue, clock)
        assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, None)) == 9
        clock.jump(-3600)
        clock.advance(599)
        assert exchange.server_clock.now_ms() == START_MS + 9 * HOUR_MS + 599_000
        assert venue.count("time") == 1
        clock.advance(3600)
        assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, None)) == 10
        assert venue.count("time") == 2


def test_bar_that_is_corrected_before_it_closes_is_taken_as_it_closed() -> None:
    clock = FakeClock()
    rows = kline_rows(START_MS, 3)
    with FakeBinance({("BTCUSDT", "1h"): rows}, now_ms=lambda: START_MS + 2 * HOUR_MS + round((clock.monotonic() - 1000) * 1000)) as venue:
        exchange = spot(venue, clock)
        before = exchange.fetch("BTCUSDT", HOUR, START_MS, None)
        rows[2][4] = rows[2][1]
        clock.advance(3600)
        after = exchange.fetch("BTCUSDT", HOUR, START_MS, None)
    assert (len(before), len(after)) == (2, 3)
    assert after.close[2] == float(rows[2][1])


def test_holes_are_left_as_they_are() -> None:
    rows = kline_rows(START_MS, 2500)
    with FakeBinance({("BTCUSDT", "1h"): rows[:100] + rows[101:900] + rows[2100:]}) as venue:
        candles = spot(venue).fetch("BTCUSDT", HOUR, START_MS, None)
    assert len(candles) == 100 + 799 + 400


def test_range_inside_a_hole_names_the_span(venue: FakeBinance) -> None:
    with pytest.raises(DataError, match="no bars from 2020-01-01 .* there are bars from 2024-05-01 00:00"):
        spot(venue).fetch("BTCUSDT", HOUR, 1_577_836_800_000, 1_577_923_200_000)


def test_market_without_bars_is_said() -> None:
    with FakeBinance({("BTCUSDT", "1h"): []}) as venue, pytest.raises(DataError, match="no closed bars"):
        spot(venue).fetch("BTCUSDT", HOUR, None, None)


def test_columns_may_be_none_at_all(venue: FakeBinance) -> None:
    assert len(spot(venue).fetch_columns("BTCUSDT", HOUR, 0, HOUR_MS)["timestamp"]) == 0


def test_pages_come_one_by_one_and_cover_the_range(venue: FakeBinance) -> None:
    pages = list(spot(venue).fetch_pages("BTCUSDT", HOUR, START_MS, START_MS + 1500 * HOUR_MS))
    assert [(start, end) for start, end, _bars in pages] == [
        (START_MS, START_MS + 1000 * HOUR_MS), (START_MS + 1000 * HOUR_MS, START_MS + 1500 * HOUR_MS)
    ]  # fmt: skip
    assert [len(bars["timestamp"]) for _start, _end, bars in pages] == [1000, 500]


def test_every_timeframe_is_read_on_its_own_grid() -> None:
    monday = 1_714_348_800_000
    for name in SPOT.timeframes:
        timeframe = TIMEFRAMES[name]
        start = timeframe.floor(monday + timeframe.ms - 1)
        with FakeBinance({("BTCUSDT", name): kline_rows(start, 30, timeframe.ms)}) as venue:
            assert len(spot(venue).fetch("BTCUSDT", timeframe, start, start + 30 * timeframe.ms)) == 30


def test_timeframe_of_the_venue_is_its_own_source_and_others_come_from_finer_ones(venue: FakeBinance) -> None:
    exchange = spot(venue)
    assert exchange.source_timeframe("BTCUSDT", HOUR) == HOUR
    two_days = Timeframe("2d", 2 * DAY_MS)
    assert exchange.source_timeframe("BTCUSDT", two_days).name == "1d"
    with pytest.raises(DataError, match="no candles of which 30s candles can be made"):
        exchange.source_timeframe("BTCUSDT", Timeframe("30s", 30_000))
    with pytest.raises(DataError, match="has no 2d candles"):
        exchange.fetch("BTCUSDT", two_days, START_MS, None)


# Symbols


def test_unknown_symbol_names_the_nearest(venue: FakeBinance) -> None:
    with pytest.raises(ConfigError, match="BINANCE has no symbol 'BTCUSD'. Did you mean 'BTCUSDT'?"):
        spot(venue).fetch("BTCUSD", HOUR, START_MS, None)
    with pytest.raises(ConfigError, match="Did you mean 'BTCUSDT'?"):
        spot(venue).market_rules("BTUSDT")


@pytest.mark.parametrize("symbol", ["", " ", "BTC USDT", "BTC\nUSDT", "X" * 65, "BTC\x00"])
def test_what_cannot_be_a_symbol_is_not_asked_for(venue: FakeBinance, symbol: str) -> None:
    with pytest.raises(ConfigError, match="is no symbol of BINANCE"):
        spot(venue).fetch(symbol, HOUR, START_MS, None)
    assert venue.requests == []


def test_symbol_of_any_alphabet_is_sent_as_it_is() -> None:
    with FakeBinance({("币安USDT", "1h"): kline_rows(START_MS, 5)}) as venue:
        assert len(spot(venue).fetch("币安usdt", HOUR, START_MS, None)) == 5


LOT = {"filterType": "LOT_SIZE", "minQty": "0.10000000", "maxQty": "9000.00000000", "stepSize": "0.01000000"}
RULES = {
    "none": ((), MarketRules()),
    "lot": ((LOT,), MarketRules(qty_step=0.01, min_qty=0.1)),
    "lot without a step": (({**LOT, "stepSize": "0.00000000"},), MarketRules(min_qty=0.1)),
    "notional": (({"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": True},), MarketRules(min_notional=5.0)),
    "older notional": (({"filterType": "MIN_NOTIONAL", "minNotional": "10.0", "applyToMarket": True},), MarketRules(min_notional=10.0)),
    "price": (({"filterType": "PRICE_FILTER", "tickSize": "0.05"}, {"filterType": "NEW_FILTER"}), MarketRules(price_step=0.05)),
}


@pytest.mark.parametrize(("filters", "rules"), RULES.values(), ids=RULES)
def test_rules_are_those_of_the_filters(filters: Any, rules: MarketRules) -> None:
    with FakeBinance(listed={"BTCUSDT": Listed(filters=filters)}) as venue:
        assert spot(venue).market_rules("btcusdt") == rules


@pytest.mark.parametrize(("parameter", "kind"), [("symbol", ConfigError), ("startTime", APIError)])
def test_forbidden_character_is_one_of_the_symbol_only_where_the_venue_says_so(parameter: str, kind: type[Exception]) -> None:
    text = f"Illegal characters found in parameter '{parameter}'; legal range is '^[A-Z0-9-_.]{{1,20}}$'."
    refused = FaultPlan.always(lambda _reply, _wire: error(-1100, text), path="klines")
    with FakeBinance(faults=refused) as venue, pytest.raises(kind, match=f"parameter '{parameter}'") as caught:
        spot(venue).fetch("BTCUSDT", HOUR, START_MS, START_MS + HOUR_MS)
    assert isinstance(caught.value, kind)
    assert ("has no symbol" in str(caught.value)) is (parameter == "symbol")


def test_symbols_are_those_that_trade_now() -> None:
    listed = {"BTCUSDT": Listed(), "LUNAUSDT": Listed(status="BREAK"), "ETHUSDT": Listed(), "XUSDT": Listed(status="CANCEL_ONLY")}
    with FakeBinance(listed=listed) as venue:
        exchange = spot(venue)
        assert exchange.symbols() == ["BTCUSDT", "ETHUSDT"]
        assert exchange.symbol_facts("LUNAUSDT").status == "BREAK"
        assert exchange.symbol_facts("ETHUSDT").quote == "USDT"
        assert venue.count("exchangeInfo") == 1


def test_list_of_symbols_is_asked_again_after_an_hour(venue: FakeBinance) -> None:
    clock = FakeClock()
    exchange = spot(venue, clock)
    for wait_s in (0, 3599, 2):
        clock.advance(wait_s)
        exchange.symbols()
    assert venue.count("exchangeInfo") == 2


def test_top_symbols_are_those_with_the_largest_value_traded() -> None:
    listed = {
        "AUSDT": Listed(quote_volume="5.0"), "BUSDT": Listed(quote_volume="70.0"), "CUSDT": Listed(quote_volume="5.0"),
        "BTCEUR": Listed(quote="EUR", quote_volume="900.0"), "OLDUSDT": Listed(status="BREAK", quote_volume="800.0"),
    }  # fmt: skip
    with FakeBinance(listed=listed) as venue:
        exchange = spot(venue)
        assert exchange.top_symbols("usdt", 2) == [("BUSDT", 70.0), ("AUSDT", 5.0)]
        assert exchange.top_symbols("USDT", 20) == [("BUSDT", 70.0), ("AUSDT", 5.0), ("CUSDT", 5.0)]
        assert exchange.top_symbols("USDT", 0) == []
        with pytest.raises(ConfigError, match="trades nothing against 'USD'. Did you mean 'USDT'?"):
            exchange.top_symbols("USD", 5)


@pytest.mark.parametrize("said", [{}, [], None, {"symbols": [{}], "rateLimits": []}, {"symbols": {}, "rateLimits": [1]}, {"symbols": [5]}])
def test_list_of_symbols_of_another_form_is_refused(said: Any) -> None:
    with FakeVenue(lambda _request: Reply.json(said)) as venue, pytest.raises(DataError, match="not of the documented form"):
        spot(venue).symbols()


RECORDED = [("BINANCE.0_0.json", 1695, "BTCUSDT", MarketRules(0.00001, 0.00001, 10.0, 0.01)), ("BINANCE_US.0_0.json", 121, "BTCUSDT", None)]


@pytest.mark.parametrize(("name", "count", "symbol", "rules"), RECORDED)
def test_recorded_lists_of_symbols_are_read(shared_data: Path, name: str, count: int, symbol: str, rules: MarketRules | None) -> None:
    body = (shared_data / "recorded" / "cryptofeed" / name).read_bytes()
    with FakeVenue(lambda _request: Reply(200, body)) as venue:
        exchange = spot(venue)
        assert len(exchange.listing()) == count
        assert rules is None or exchange.market_rules(symbol) == rules
        assert exchange.http.limits()[0].weight == 1200


# The server itself


def test_weight_of_a_long_download_stays_within_half_of_the_limit() -> None:
    clock = FakeClock(START_MS + 400 * DAY_MS)
    rows = kline_rows(START_MS, 40_000, 60_000)
    with FakeBinance({("BTCUSDT", "1m"): rows}, now_ms=clock.now_ms, weight_limit=40) as venue:
        exchange = spot(venue, clock)
        exchange.symbols()
        assert len(exchange.fetch("BTCUSDT", Timeframe.parse("1m"), START_MS, START_MS + 40_000 * 60_000)) == 40_000
        assert venue.most_used <= 20


def test_adapter_of_other_facts_speaks_the_same_language(venue: FakeBinance) -> None:
    facts = replace(SPOT, page_bars=7)
    columns = BinanceDialect(facts).page(http_core(venue, facts), "BTCUSDT", HOUR, START_MS, START_MS + 7 * HOUR_MS)
    assert len(columns["timestamp"]) == 7
