"""A host that fails ten times in a row is left alone for a minute, by all threads, and then tried by one of them."""

import threading
from collections.abc import Iterator

import pytest

from core.errors import APIError, CredentialError, RateLimitError
from exchanges.breaker import CircuitBreaker
from exchanges.http import HttpCore, HttpPolicy
from tests.exchanges.venue_cases import BARS, NOW_MS, ONCE, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.binance import http_core
from tests.fakes.clock import FakeClock
from tests.fakes.server import FakeVenue, FaultPlan, Reply

LEFT_ALONE = r"10 requests in a row failed, so it is left alone until 2024-05-01 00:01 UTC \(60 s from now\) and tried again then"


@pytest.fixture
def venue() -> Iterator[FakeVenue]:
    with FakeVenue(lambda _request: Reply.json([])) as venue:
        yield venue


def fail(http: HttpCore, times: int) -> None:
    for _ in range(times):
        with pytest.raises(APIError, match="HTTP 500"):
            http.get("/x")


def core(venue: FakeVenue, clock: FakeClock | None = None, policy: HttpPolicy = ONCE) -> HttpCore:
    return http_core(venue, clock=clock or FakeClock(), policy=policy)


def test_ten_failures_in_a_row_are_enough_and_say_when_it_is_tried_again(venue: FakeVenue) -> None:
    http = core(venue)
    venue.faults = FaultPlan.always(faults.status(500))
    fail(http, 10)
    for _ in range(5):
        with pytest.raises(APIError, match=rf"{LEFT_ALONE}. The last failure: BINANCE \(127.*HTTP 500"):
            http.get("/x")
    assert len(venue.requests) == 10


def test_nine_failures_and_an_answer_are_forgotten(venue: FakeVenue) -> None:
    http = core(venue)
    for _ in range(3):
        venue.faults = FaultPlan.always(faults.status(500))
        fail(http, 9)
        venue.faults = FaultPlan()
        assert http.get("/x").json == []
    assert len(venue.requests) == 30


def test_after_the_minute_one_tries_and_an_answer_opens_the_way_for_all(venue: FakeVenue) -> None:
    clock = FakeClock()
    http = core(venue, clock)
    venue.faults = FaultPlan.always(faults.status(500))
    fail(http, 10)
    clock.advance(60)
    fail(http, 1)
    with pytest.raises(APIError, match="11 requests in a row failed"):
        http.get("/x")
    clock.advance(60)
    venue.faults = FaultPlan()
    for _ in range(3):
        assert http.get("/x").json == []


def test_only_one_finds_out(venue: FakeVenue) -> None:
    clock = FakeClock()
    breaker = CircuitBreaker(clock, failures=1)
    breaker.failed("host", 1, APIError("gone"))
    clock.advance(60)
    breaker.admit("host", "VENUE (host)")
    with pytest.raises(APIError, match="left alone"):
        breaker.admit("host", "VENUE (host)")
    breaker.worked("host")
    breaker.admit("host", "VENUE (host)")
    breaker.admit("host", "VENUE (host)")


def test_hosts_are_judged_each_by_its_own() -> None:
    breaker = CircuitBreaker(FakeClock(), failures=1)
    breaker.failed("host", 1, APIError("gone"))
    breaker.admit("other", "VENUE (other)")


def test_threads_share_it(venue: FakeVenue) -> None:
    http = core(venue)
    venue.faults = FaultPlan.always(faults.status(500))
    threads = [threading.Thread(target=fail, args=(http, 2)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with pytest.raises(APIError, match="10 requests in a row failed"):
        http.get("/x")
    assert len(venue.requests) == 10


def test_faults_that_pass_within_the_attempts_never_count(venue: FakeVenue) -> None:
    http = core(venue, policy=HttpPolicy())
    for _ in range(10):
        venue.faults = FaultPlan([faults.status(500)] * 3)
        assert http.get("/x").json == []


@pytest.mark.parametrize(
    ("code", "kind"), [(429, RateLimitError), (401, CredentialError), (400, APIError), (404, APIError), (451, APIError)]
)  # fmt: skip
def test_a_host_that_answers_is_not_left_alone(venue: FakeVenue, code: int, kind: type[Exception]) -> None:
    http = core(venue)
    venue.faults = FaultPlan.always(faults.status(code))
    for _ in range(15):
        with pytest.raises(kind, match=f"HTTP {code}"):
            http.get("/x")
    assert len(venue.requests) == 15


@every_venue
def test_every_venue_that_is_down_is_left_alone_and_comes_back(case: VenueCase) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        venue.faults = FaultPlan.always(faults.status(503), path=case.page)
        for _ in range(3):
            with pytest.raises(APIError, match="Tried 4 times"):
                case.fetch(exchange)
        sent = len(venue.requests)
        with pytest.raises(APIError, match="12 requests in a row failed"):
            case.fetch(exchange)
        assert len(venue.requests) == sent
        clock.advance(61)
        venue.faults = FaultPlan()
        assert len(case.fetch(exchange)) == BARS
