"""BINANCEUSDM: as on spot where it is the same, and funding rates."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError, DataError
from core.market import MarketRules
from core.timeframe import Timeframe
from tests.exchanges.test_binance import secrets
from tests.fakes.binance import (
    DAY_MS,
    HOUR_MS,
    FakeBinance,
    FakeBinanceUsdm,
    spot,
    usdm,
)
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import FakeVenue, Reply

HOUR = Timeframe.parse("1h")


def test_futures_are_no_spot_and_cost_less() -> None:
    with FakeBinanceUsdm() as venue:
        exchange = usdm(venue)
        assert (exchange.is_spot, exchange.default_fees.maker, exchange.default_fees.taker) == (False, 0.0002, 0.0005)
        assert len(exchange.fetch("BTCUSDT", HOUR, START_MS, None)) == 2500
        assert exchange.market_rules("BTCUSDT") == MarketRules(0.00001, 0.00001, 5.0, 0.01)
        assert exchange.check_account(secrets()).can_withdraw is False
        assert all(request.path.startswith("/fapi/") for request in venue.requests)
    with FakeBinance() as venue:
        exchange_fees = spot(venue).default_fees
        assert (spot(venue).is_spot, exchange_fees.maker, exchange_fees.taker) == (True, 0.001, 0.001)
        assert exchange_fees.source
        assert exchange_fees.as_of


def test_funding_is_read_by_pages() -> None:
    funding = [(START_MS + number * 8 * HOUR_MS + number % 3, f"{(-1) ** number * number * 1e-8:.8f}") for number in range(2300)]
    with FakeBinanceUsdm(funding={"BTCUSDT": funding}) as venue:
        times, rates = usdm(venue).funding_rates("btcusdt", START_MS, START_MS + 2200 * 8 * HOUR_MS)
        assert times.tolist() == [time for time, _rate in funding[:2200]]
        assert rates.tolist() == [float(rate) for _time, rate in funding[:2200]]
        assert venue.count("fundingRate") == 3
        assert [len(each) for each in usdm(venue).funding_rates("BTCUSDT", 0, START_MS)] == [0, 0]
        with pytest.raises(ConfigError, match="Did you mean 'BTCUSDT'?"):
            usdm(venue).funding_rates("BTCUSD", 0, START_MS)
        with pytest.raises(ConfigError, match="must be before the end"):
            usdm(venue).funding_rates("BTCUSDT", START_MS, START_MS)


def test_page_of_funding_that_is_exactly_full_is_followed_by_one_more_request() -> None:
    funding = [(START_MS + number * HOUR_MS, "0.0001") for number in range(1000)]
    with FakeBinanceUsdm(funding={"BTCUSDT": funding}) as venue:
        assert len(usdm(venue).funding_rates("BTCUSDT", START_MS, START_MS + 5000 * HOUR_MS)[0]) == 1000
        assert venue.count("fundingRate") == 2


ROW = {"symbol": "BTCUSDT", "fundingTime": START_MS, "fundingRate": "0.0001", "markPrice": ""}
BAD_FUNDING = {
    "no list": {}, "no rows": [5], "1e400": [{**ROW, "fundingRate": "1e400"}],
    "no time": [{**ROW, "fundingTime": None}], "time as text": [{**ROW, "fundingTime": str(START_MS)}],
    "rate as a number": [{**ROW, "fundingRate": 0.0001}], "NaN": [{**ROW, "fundingRate": "NaN"}],
    "over 100 %": [{**ROW, "fundingRate": "1.5"}], "two signs": [{**ROW, "fundingRate": "--0.1"}], "other": [{**ROW, "symbol": "ETHUSDT"}],
    "twice": [ROW, ROW], "backwards": [{**ROW, "fundingTime": START_MS + 2}, ROW], "outside": [{**ROW, "fundingTime": START_MS - 1}],
    "seconds": [{**ROW, "fundingTime": START_MS // 1000}],
}  # fmt: skip


@pytest.mark.parametrize("said", BAD_FUNDING.values(), ids=BAD_FUNDING)
def test_bad_funding_is_refused(said: Any) -> None:
    with FakeVenue(lambda _request: Reply.json(said)) as venue, pytest.raises(DataError, match="funding rates"):
        usdm(venue).funding_rates("BTCUSDT", START_MS, START_MS + DAY_MS)


def test_funding_has_a_limit_of_its_own() -> None:
    clock = FakeClock()
    with FakeBinanceUsdm(funding={"BTCUSDT": [(START_MS, "0.0001")]}) as venue:
        exchange = usdm(venue, clock)
        for _ in range(251):
            exchange.funding_rates("BTCUSDT", START_MS, START_MS + 1)
        assert sum(clock.slept) == pytest.approx(300, rel=0.02)
        clock.slept.clear()
        exchange.fetch("BTCUSDT", HOUR, START_MS, START_MS + HOUR_MS)
        assert clock.slept == []


def test_recorded_futures_list_is_read(shared_data: Path) -> None:
    body = (shared_data / "recorded" / "cryptofeed" / "BINANCE_FUTURES.0_0.json").read_bytes()
    with FakeVenue(lambda _request: Reply(200, body)) as venue:
        exchange = usdm(venue)
        listed = {each["symbol"] for each in json.loads(body)["symbols"]}
        assert set(exchange.listing()) == listed
        assert exchange.market_rules("BTCUSDT") == MarketRules(0.001, 0.001, 5.0, 0.01)
        assert not any("_" in symbol for symbol in exchange.symbols())
