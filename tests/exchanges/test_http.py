"""The HTTP core: what is tried again and how long it waits, what is not, and what it says in the end."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import pytest

from core.errors import APIError, CredentialError, PipelineError, RateLimitError
from exchanges.binance import SPOT
from exchanges.http import HttpCore, HttpPolicy
from exchanges.limits import Limiter
from tests.fakes import faults
from tests.fakes.binance import at
from tests.fakes.clock import FakeClock, NoJitter
from tests.fakes.server import FakeVenue, Fault, FaultPlan, Reply

GOOD = {"rows": [1, 2, 3]}
DAY_S = 86_400


@pytest.fixture
def venue() -> Iterator[FakeVenue]:
    with FakeVenue(lambda _request: Reply.json(GOOD)) as venue:
        yield venue


def core(venue: FakeVenue, clock: FakeClock | None = None, policy: HttpPolicy | None = None, limiter: Limiter | None = None) -> HttpCore:
    return HttpCore(at(venue, SPOT), clock or FakeClock(), limiter, jitter=NoJitter(), policy=policy)


def test_answer_comes_with_status_headers_body_and_what_it_says(venue: FakeVenue) -> None:
    reply = core(venue).get("/x", (("symbol", "ÄB/C &"), ("limit", 5)))
    assert (reply.status, reply.json, reply.body) == (200, GOOD, b'{"rows": [1, 2, 3]}')
    assert reply.headers["content-type"].startswith("application/json")
    assert venue.requests[0].params == {"symbol": "ÄB/C &", "limit": "5"}


def test_packed_answer_is_unpacked(venue: FakeVenue) -> None:
    venue.faults = FaultPlan.always(faults.gzipped)
    assert core(venue).get("/x").json == GOOD


@pytest.mark.parametrize(
    "fault", [*(faults.status(code) for code in (500, 502, 503, 504)), faults.html(403), faults.html(), faults.truncated(),
              faults.reset, faults.hang_up, faults.reset_in_body, faults.short_length(), faults.broken_chunk(), faults.body(b"")],
)  # fmt: skip
@pytest.mark.parametrize("in_a_row", range(1, 7))
def test_passing_fault_is_survived_three_times_and_no_more(venue: FakeVenue, fault: Fault, in_a_row: int) -> None:
    venue.faults, clock = FaultPlan([fault] * in_a_row), FakeClock()
    if in_a_row <= 3:
        assert core(venue, clock).get("/x").json == GOOD
        assert len(venue.requests) == in_a_row + 1
    else:
        with pytest.raises(PipelineError, match=r"127\.0\.0\.1.*\(Tried 4 times\.\)"):
            core(venue, clock).get("/x")
        assert len(venue.requests) == 4
    assert clock.slept == [1.0, 2.0, 4.0][: min(in_a_row, 3)]


def test_jitter_is_added_to_the_waits(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan([faults.status(500)] * 3), FakeClock()
    HttpCore(at(venue, SPOT), clock).get("/x")
    assert all(base <= wait <= base + 0.5 for base, wait in zip((1, 2, 4), clock.slept, strict=True))
    assert clock.slept != [1, 2, 4]


def in_seven_seconds(clock: FakeClock) -> str:
    return formatdate(clock.now_ms() / 1000 + 7, usegmt=True)


RETRY_AFTER = {"1": 1.0, "7": 7.0, " 7 ": 7.0, "2.5": 2.5, "600": 600.0}


@pytest.mark.parametrize(("told", "wait_s"), RETRY_AFTER.items())
@pytest.mark.parametrize("code", [429, 502, 503])
def test_the_venue_says_how_long_to_wait(venue: FakeVenue, told: str, wait_s: float, code: int) -> None:
    body = b'{"code":-1008,"msg":"Server is overloaded."}' if code == 503 else b"<html>"
    venue.faults, clock = FaultPlan([faults.status(code, body, {"Retry-After": told})]), FakeClock()
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == [pytest.approx(wait_s, rel=0.01)]


def test_no_wait_is_no_wait(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan([faults.status(429, headers={"Retry-After": "0"})]), FakeClock()
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == []


@pytest.mark.parametrize("told", [None, "soon", "-5", "", "7 s", "nan", "1e3", "٣", "Wed, 99 Foo 2026"])
def test_wait_that_makes_no_sense_is_our_own(venue: FakeVenue, told: str | None) -> None:
    headers = {} if told is None else {"Retry-After": told.encode("utf-8").decode("latin-1")}
    venue.faults, clock = FaultPlan([faults.status(429, headers=headers)] * 2), FakeClock()
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == [1.0, 2.0]


@pytest.mark.parametrize("server_ahead_s", [0, 3600, -3600])
def test_date_to_wait_for_is_read_by_the_servers_own_clock(venue: FakeVenue, server_ahead_s: int) -> None:
    clock = FakeClock()
    now_s = clock.now_ms() / 1000 + server_ahead_s
    headers = {"Retry-After": formatdate(now_s + 7, usegmt=True), "Date": formatdate(now_s, usegmt=True)}
    venue.faults = FaultPlan([faults.status(429, headers=headers)])
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == [pytest.approx(7)]


def test_date_without_the_servers_own_is_read_by_ours(venue: FakeVenue) -> None:
    clock = FakeClock()
    venue.faults = FaultPlan([faults.status(429, headers={"Retry-After": in_seven_seconds(clock)})])
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == [pytest.approx(7)]


def test_reset_in_milliseconds_is_obeyed(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan([faults.status(429, headers={"X-RATE-LIMIT-RESET": "4500"})]), FakeClock()
    assert core(venue, clock).get("/x").json == GOOD
    assert clock.slept == [pytest.approx(4.5)]


def test_absurd_wait_is_capped_said_and_not_waited_for(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan([faults.status(429, headers={"Retry-After": "1000000000"})]), FakeClock()
    http = core(venue, clock)
    with pytest.raises(RateLimitError, match=r"a wait, of 1000000000 s, capped at 1 h, until 2024-05-01 01:00 UTC"):
        http.get("/x")
    assert clock.slept == []
    with pytest.raises(RateLimitError, match="no more requests until 2024-05-01 01:00 UTC"):
        http.get("/x")
    assert len(venue.requests) == 1
    clock.advance(3601)
    assert http.get("/x").json == GOOD


def test_while_one_waits_others_of_the_same_host_wait_too(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan([faults.status(429, headers={"Retry-After": "7"})] * 4), FakeClock()
    limiter = Limiter(None, clock)
    with pytest.raises(RateLimitError):
        core(venue, clock, limiter=limiter).get("/x")
    assert clock.slept == [7.0] * 3
    core(venue, clock, limiter=limiter).get("/x")
    assert clock.slept == [7.0] * 4


@pytest.mark.parametrize("answer", [
    faults.status(418, headers={"Retry-After": "120"}),
    faults.status(429, b'{"code":-1003,"msg":"Way too much request weight used; IP banned until 1714521720000. Use websocket."}'),
    faults.status(418, b"<html>"),
])  # fmt: skip
def test_ban_stops_all_at_once_for_the_whole_time(venue: FakeVenue, answer: Fault) -> None:
    venue.faults, clock = FaultPlan([answer]), FakeClock()
    limiter = Limiter(None, clock)
    with pytest.raises(RateLimitError, match=r"banned this computer's address until 2024-05-01 00:02 UTC"):
        core(venue, clock, limiter=limiter).get("/x")
    refused: list[PipelineError] = []

    def ask() -> None:
        try:
            core(venue, clock, limiter=limiter).get("/x")
        except RateLimitError as error:
            refused.append(error)

    for second in range(0, 120, 10):
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(venue.requests) == 1, second
        clock.advance(10)
    assert len(refused) == 48
    assert clock.slept == []
    assert core(venue, clock, limiter=limiter).get("/x").json == GOOD


@pytest.mark.parametrize(
    ("told_s", "until", "ends_after_s"),
    [
        (10 * DAY_S, "until 2024-05-11 00:00 UTC", 10 * DAY_S),
        (10**15, "until at least 2024-05-31 00:00 UTC", 30 * DAY_S),  # no venue means that, and the file of the ban must come to an end
    ],
)
def test_a_ban_of_many_days_is_said_and_obeyed_to_its_end(venue: FakeVenue, told_s: int, until: str, ends_after_s: int) -> None:
    venue.faults, clock = FaultPlan([faults.status(418, headers={"Retry-After": str(told_s)})]), FakeClock()
    limiter = Limiter(None, clock)
    with pytest.raises(RateLimitError, match=f"banned this computer's address {until}"):
        core(venue, clock, limiter=limiter).get("/x")
    clock.advance(ends_after_s - 1)
    with pytest.raises(RateLimitError, match="banned"):
        core(venue, clock, limiter=limiter).get("/x")
    assert len(venue.requests) == 1
    clock.advance(1)
    assert core(venue, clock, limiter=limiter).get("/x").json == GOOD


@pytest.mark.parametrize("code", [400, 401, 404, 405, 410, 451, 301, 302, 307, 308])
def test_what_no_repetition_mends_is_asked_once(venue: FakeVenue, code: int) -> None:
    venue.faults = FaultPlan.always(faults.status(code, b"", {"Location": "https://elsewhere.example/"}))
    with pytest.raises(CredentialError if code == 401 else APIError, match=f"HTTP {code}"):
        core(venue).get("/x")
    assert len(venue.requests) == 1


def test_call_gives_up_when_its_time_is_used_up(venue: FakeVenue) -> None:
    venue.faults, clock = FaultPlan.always(faults.status(500)), FakeClock()
    with pytest.raises(APIError, match=r"HTTP 500.*Tried 2 times"):
        core(venue, clock, HttpPolicy(call_deadline_s=2.5)).get("/x")
    assert clock.slept == [1.0]


def test_post_is_sent_once(venue: FakeVenue) -> None:
    venue.faults = FaultPlan.always(faults.status(500))
    with pytest.raises(APIError):
        core(venue).post("/x", b"{}")
    assert len(venue.requests) == 1


def test_post_that_only_reads_is_tried_again(venue: FakeVenue) -> None:
    venue.faults = FaultPlan([faults.status(500)] * 3)
    assert core(venue).post("/x", b'{"a":1}', idempotent=True).json == GOOD
    assert [request.body for request in venue.requests] == [b'{"a":1}'] * 4


def test_refused_connection_is_tried_again_and_said() -> None:
    with FakeVenue() as gone:
        facts = at(gone, SPOT)
    clock = FakeClock()
    http = HttpCore(facts, clock, jitter=NoJitter())
    refused = "the connection was refused. Check the network"
    with pytest.raises(APIError, match=refused):
        http.get("/x")
    with pytest.raises(APIError, match=refused):
        http.post("/x", b"")
    assert clock.slept == [1.0, 2.0, 4.0] * 2


def test_unknown_host_is_said(venue: FakeVenue, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_arguments: object, **_named: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", no_such_name)
    http = HttpCore(replace(SPOT, base_url="https://no-such-host.example"), FakeClock(), jitter=NoJitter())
    with pytest.raises(APIError, match=r"BINANCE \(no-such-host.example\): its name cannot be found"):
        http.get("/x")


def test_plain_server_behind_https_is_a_tls_error_and_not_tried_again(venue: FakeVenue) -> None:
    http = HttpCore(replace(SPOT, base_url=venue.url.replace("http:", "https:")), FakeClock(), jitter=NoJitter())
    with pytest.raises(APIError, match=r"no secure connection \(TLS\) can be made"):
        http.get("/x")
    assert venue.requests == []


def test_weight_that_the_venue_counts_slows_us_down(venue: FakeVenue) -> None:
    clock = FakeClock()
    venue.faults = FaultPlan([lambda reply, _wire: replace(reply, headers={**reply.headers, "X-MBX-USED-WEIGHT-1M": "5999"})])
    http = core(venue, clock)
    http.get("/x")
    http.get("/x", weight=2)
    assert sum(clock.slept) == pytest.approx(60, rel=0.02)


def test_limit_of_the_venue_replaces_ours(venue: FakeVenue) -> None:
    clock = FakeClock()
    http = core(venue, clock)
    http.set_weight_limit(4)
    for _ in range(3):
        http.get("/x")
    assert sum(clock.slept) == pytest.approx(60, rel=0.02)
