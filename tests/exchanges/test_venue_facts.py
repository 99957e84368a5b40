"""The facts of every venue, number by number, as the venues document them; a change here is a change of what is known of a venue."""

import re

import pytest

from core.timeframe import TIMEFRAMES
from exchanges.limits import Limit
from exchanges.venues import VENUES

# Name: bars a page, weight of a page, limits (weight, seconds, group), fees (maker, taker), spot, needs an account for candles.
STATED = {
    "BINANCE": (1000, 2, [Limit(6000, 60)], (0.001, 0.001), True, False),
    "BINANCEUSDM": (1000, 5, [Limit(2400, 60), Limit(500, 300, "funding")], (0.0002, 0.0005), False, False),
    "DELTA": (2000, 3, [Limit(10_000, 300)], (0.0002, 0.0005), False, False),
    "ZERODHA": (90_000, 1, [Limit(10, 1), Limit(3, 1, "historical")], (0.0003, 0.0003), True, True),
    "DHAN": (130_000, 1, [Limit(20, 1), Limit(5, 1, "data"), Limit(100_000, 86_400, "data")], (0.0003, 0.0003), True, True),
}
SPANS = {"ZERODHA": {"1m": 60, "5m": 100, "15m": 200, "1h": 400, "1d": 2000}, "DHAN": dict.fromkeys(("1m", "5m", "15m", "1h"), 90)}
ADDRESSES = {
    "BINANCE": "https://data-api.binance.vision",
    "BINANCEUSDM": "https://fapi.binance.com",
    "DELTA": "https://api.india.delta.exchange",
    "ZERODHA": "https://api.kite.trade",
    "DHAN": "https://api.dhan.co/v2",
}
SPELLINGS = {
    "DELTA": {"1m": "1m", "5m": "5m", "15m": "15m", "1h": "1h", "4h": "4h", "1d": "1d"},
    "ZERODHA": {"1m": "minute", "5m": "5minute", "15m": "15minute", "1h": "60minute", "1d": "day"},
    "DHAN": {"1m": "1", "5m": "5", "15m": "15", "1h": "60", "1d": "day"},
}


@pytest.mark.parametrize("name", STATED)
def test_pages_limits_and_fees_are_those_that_the_venue_states(name: str) -> None:
    page_bars, weight, limits, fees, spot, account = STATED[name]
    facts = VENUES[name]
    assert (facts.page_bars, facts.candle_weight, list(facts.limits)) == (page_bars, weight, limits)
    assert (facts.fees.maker, facts.fees.taker) == fees
    assert (facts.is_spot, not facts.public) == (spot, account)
    assert dict(facts.max_span_days or {}) == SPANS.get(name, {})
    assert facts.base_url == ADDRESSES[name]
    assert dict(facts.timeframes) == SPELLINGS.get(name, {each: each for each in TIMEFRAMES})


@pytest.mark.parametrize("name", VENUES)
def test_fees_have_a_source_and_a_day(name: str) -> None:
    fees = VENUES[name].fees
    assert fees.source
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", fees.as_of or "")


@pytest.mark.parametrize("name", ["ZERODHA", "DHAN"])
def test_charges_of_the_state_are_named_beside_the_fees_of_the_broker(name: str) -> None:
    source = VENUES[name].fees.source
    assert all(part in source for part in ("intraday equity", "STT 0.025 %", "stamp duty 0.003 %", "18 % GST", "NSE and SEBI"))
    assert all(part in source for part in ("over night", "STT 0.1 %", "stamp duty 0.015 %"))


def test_sums_of_those_charges_are_what_their_parts_make() -> None:
    brokerage, exchange = 0.03, 0.003
    intraday = (0.025 + 0.003) / 2 + exchange + 0.18 * (brokerage + exchange)
    overnight = 0.1 + 0.015 / 2 + exchange + 0.18 * exchange
    assert (round(intraday, 3), round(overnight, 2)) == (0.023, 0.11)
    for name in ("ZERODHA", "DHAN"):
        assert all(f"together some {each:g} % an order" in VENUES[name].fees.source for each in (0.023, 0.11))


@pytest.mark.parametrize("name", SPANS)
def test_pages_are_bound_by_the_span_not_by_the_bars(name: str) -> None:
    for timeframe, days in SPANS[name].items():
        assert days * 86_400_000 // TIMEFRAMES[timeframe].ms <= VENUES[name].page_bars


def test_only_venues_that_document_it_leave_out_bars_without_trades() -> None:
    assert [name for name, facts in VENUES.items() if facts.gaps_are_normal] == ["DELTA"]
