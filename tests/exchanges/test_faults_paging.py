"""Every venue when pages are empty, repeated or too long, when bars change, and when a symbol goes (E9, E10); pages by the facts (E17)."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import APIError, ConfigError, DataError, NoCandlesError
from core.timeframe import DAY_MS, Timeframe
from exchanges.bar_requests import whole_bars
from exchanges.calendars import venue_timeframe
from exchanges.facts import VenueFacts
from exchanges.paging import plan_pages
from exchanges.venues import VENUES
from tests.exchanges.venue_cases import BARS, NOW_MS, OPENING_MS, QUARTER, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.bars import Bar, saw
from tests.fakes.clock import FakeClock
from tests.fakes.server import FaultPlan, Reply

PAGE = 10
SESSION = saw(range(OPENING_MS, OPENING_MS + BARS * QUARTER.ms, QUARTER.ms))
# A symbol that went: how each venue says so in the middle of a download.
GONE: dict[str, tuple[int, Any, type[Exception]]] = {
    "BINANCE": (400, {"code": -1121, "msg": "Invalid symbol."}, ConfigError),
    "BINANCEUSDM": (400, {"code": -1121, "msg": "Invalid symbol."}, ConfigError),
    "DELTA": (400, {"success": False, "error": {"code": "invalid_contract", "context": {}}}, ConfigError),
    "ZERODHA": (400, {"status": "error", "message": "invalid token", "error_type": "InputException", "data": None}, APIError),
    "DHAN": (400, {"data": {"813": "Invalid SecurityId"}}, ConfigError),
}


def pages(case: VenueCase, venue: Any) -> int:
    """Return how many requests for candles came."""
    return int(venue.count(case.page))


@every_venue
def test_pages_that_end_exactly_with_the_range_are_not_followed_by_another(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue, page_bars=PAGE)
        case.fetch(exchange)
        before = pages(case, venue)
        assert len(case.fetch(exchange, 2 * PAGE)) == 2 * PAGE
        assert pages(case, venue) - before == 2


@every_venue
def test_an_empty_page_in_the_middle_is_a_hole_and_the_rest_comes(case: VenueCase) -> None:
    with case.fake(SESSION[:5] + SESSION[21:]) as venue:
        candles = case.fetch(case.exchange(venue, page_bars=5))
    assert candles.open_ms.tolist() == [bar[0] for bar in SESSION[:5] + SESSION[21:]]


@every_venue
def test_the_same_page_for_ever_ends_in_an_error(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue, page_bars=PAGE)
        case.fetch(exchange)
        kept: list[Reply] = []

        def same(reply: Reply, _wire: object) -> Reply:
            kept.append(reply)
            return kept[0]

        before, venue.faults = pages(case, venue), FaultPlan.always(same, path=case.page)
        with pytest.raises(DataError, match="outside what was asked for"):
            case.fetch(exchange)
        assert pages(case, venue) - before == 2


@every_venue
def test_empty_pages_for_ever_end_and_are_no_candles(case: VenueCase) -> None:
    with case.fake([]) as venue:
        with pytest.raises(NoCandlesError):
            case.fetch(case.exchange(venue, page_bars=PAGE))
        assert pages(case, venue) < 20


@every_venue
def test_more_bars_than_were_asked_for_are_refused(case: VenueCase) -> None:
    """A limit that is ignored does no harm inside the range; bars outside it are not what was asked for."""
    with case.fake() as venue:
        exchange = case.exchange(venue, page_bars=PAGE)
        case.fetch(exchange)
        whole: list[Reply] = []

        def keep(reply: Reply, _wire: object) -> Reply:
            whole.append(reply)
            return reply

        venue.faults = FaultPlan([keep], path=case.page)
        exchange.facts = case.exchange(venue).facts
        case.fetch(exchange)
        venue.faults = FaultPlan.always(lambda _reply, _wire: whole[0], path=case.page)
        assert len(case.fetch(exchange)) == BARS
        with pytest.raises(DataError, match="15 of 25 bars are outside what was asked for"):
            case.fetch(exchange, PAGE)


@every_venue
def test_a_symbol_that_goes_in_the_middle_is_said_at_once(case: VenueCase) -> None:
    code, body, kind = GONE[case.name]
    with case.fake() as venue:
        exchange = case.exchange(venue, page_bars=PAGE)
        case.fetch(exchange)
        before = pages(case, venue)
        venue.faults = FaultPlan({1: faults.status(code, json.dumps(body).encode())}, path=case.page)
        with pytest.raises(kind, match=case.name):
            case.fetch(exchange)
        assert pages(case, venue) - before == 2


@every_venue
def test_nothing_there_says_where_something_is(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue, page_bars=PAGE)
        with pytest.raises(NoCandlesError, match=r"no bars from 2024-05-03 03:45 .* there are bars from 2024-05-02 03:45 to"):
            exchange.fetch(case.symbol, QUARTER, OPENING_MS + DAY_MS, OPENING_MS + DAY_MS + 5 * QUARTER.ms)


@every_venue
def test_only_closed_bars_leave_and_a_correction_before_the_close_counts(case: VenueCase) -> None:
    clock = FakeClock(OPENING_MS + 3 * QUARTER.ms + 60_000)
    bars = list(SESSION)
    with case.fake(bars, clock.now_ms) as venue:
        exchange = case.exchange(venue, clock)
        before = exchange.fetch(case.symbol, QUARTER, OPENING_MS, None)
        assert before.end_ms == OPENING_MS + 3 * QUARTER.ms
    clock.advance(QUARTER.ms / 1000)
    bars[3] = (*bars[3][:5], 77.0)
    with case.fake(bars, clock.now_ms) as venue:
        after = case.exchange(venue, clock).fetch(case.symbol, QUARTER, OPENING_MS, None)
    assert len(after) == 4
    assert after.volume[3] == pytest.approx(77.0 * (0.001 if case.name == "DELTA" else 1))
    assert after.close[:3].tolist() == before.close.tolist()


SPANS = [(facts, Timeframe.parse(name)) for facts in VENUES.values() for name in facts.timeframes]


RANGES = given(
    venue=st.sampled_from(SPANS), start=st.integers(788_918_400_000, 1_790_000_000_000), bars=st.floats(0.0, 12.0),
    listed=st.integers(788_918_400_000, 1_790_000_000_000), aligned=st.booleans(),
)  # fmt: skip


def ask_for_every_bar_once(venue: tuple[VenueFacts, Timeframe], start: int, bars: float, listed: int, aligned: bool) -> None:
    """Up to twelve pages of any length, from any moment, before or after the listing."""
    facts, timeframe = venue
    grid = venue_timeframe(facts.name, timeframe)
    span_days = (facts.max_span_days or {}).get(timeframe.name)
    span_ms = None if span_days is None else span_days * DAY_MS
    longest = min(facts.page_bars * grid.ms, span_ms or 1 << 60)
    begin = max(grid.floor(start) if aligned else start, listed)
    end = begin + int(bars * longest)
    asked = [window for page in plan_pages(begin, end, grid.ms, facts.page_bars, span_ms) if (window := whole_bars(grid, *page))]
    assert len(asked) <= bars + 2
    for first, last in asked:
        assert (last - first) // grid.ms + 1 <= facts.page_bars
        # Kite and Dhan are asked up to the last second of the last bar.
        assert span_ms is None or last + grid.ms - 1000 - first < span_ms
    assert all(later[0] == earlier[1] + grid.ms for earlier, later in pairwise(asked))
    whole = whole_bars(grid, begin, end)
    assert ((asked[0][0], asked[-1][1]) if asked else None) == whole


test_requests_ask_for_every_bar_once_and_none_for_more_than_the_venue_allows = settings(max_examples=300)(RANGES(ask_for_every_bar_once))
test_two_thousand_ranges = pytest.mark.slow(settings(max_examples=2000)(RANGES(ask_for_every_bar_once)))


@every_venue
def test_what_comes_does_not_depend_on_the_length_of_pages(case: VenueCase) -> None:
    bars: list[Bar] = SESSION
    with case.fake(bars) as venue:
        digests = {case.fetch(case.exchange(venue, FakeClock(NOW_MS), page_bars=size)).digest for size in (1, 2, 3, 7, 24, 25, 26)}
    assert len(digests) == 1
