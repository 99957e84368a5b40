"""Every venue when it wants to be left alone (E1, E2) and when it fails several times in a row (E3)."""

import multiprocessing
import threading
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from core.errors import APIError, PipelineError, RateLimitError
from exchanges.limits import Limiter
from exchanges.timing import SYSTEM_CLOCK
from tests.exchanges.venue_cases import BARS, CASES, NOW_MS, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.server import Fault, FaultPlan
from tests.patience import PROGRAM_SECONDS

# What the header says, and the waits that follow when it is sent twice.
WAITS: dict[str, tuple[dict[str, str], list[float]]] = {
    "1": ({"Retry-After": "1"}, [1, 1]),
    "7": ({"Retry-After": "7"}, [7, 7]),
    "0": ({"Retry-After": "0"}, []),
    "missing": ({}, [1, 2]),
    "garbage": ({"Retry-After": "soon"}, [1, 2]),
    "date": ({"Retry-After": formatdate(NOW_MS / 1000 + 7, usegmt=True), "Date": formatdate(NOW_MS / 1000, usegmt=True)}, [7, 7]),
    "milliseconds": ({"X-RATE-LIMIT-RESET": "4500"}, [4.5, 4.5]),
}


@every_venue
def test_the_wait_is_the_one_that_the_venue_names(case: VenueCase) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        for told, (headers, waits) in WAITS.items():
            clock.advance(60)
            clock.slept.clear()
            venue.faults = FaultPlan([faults.status(429, b"{}", headers)] * 2, path=case.page)
            assert len(case.fetch(exchange)) == BARS
            # The venue's own limit may add a fraction of a second before a request.
            assert [wait for wait in clock.slept if wait >= 0.9] == pytest.approx(waits, rel=0.01), told


@every_venue
def test_an_absurd_wait_is_said_not_waited_for_and_closes_the_host_for_an_hour(case: VenueCase) -> None:
    for told in ("1000000000", "9" * 40, "Fri, 31 Dec 9999 23:59:59 GMT"):
        refuse_absurd_wait(case, told)


def refuse_absurd_wait(case: VenueCase, told: str) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        venue.faults = FaultPlan([faults.status(429, b"{}", {"Retry-After": told})], path=case.page)
        clock.slept.clear()
        with pytest.raises(RateLimitError, match="capped at 1 h"):
            case.fetch(exchange)
        sent = len(venue.requests)
        with pytest.raises(RateLimitError, match="no more requests until"):
            case.fetch(exchange)
        assert (len(venue.requests), max(clock.slept, default=0.0) < 1) == (sent, True)
        clock.advance(3600)
        assert len(case.fetch(exchange)) == BARS


class Watched(FakeClock):
    """Calls ``while_waiting`` at every wait of a second or more."""

    while_waiting: Callable[[], object] = staticmethod(lambda: None)

    def sleep(self, seconds: float) -> None:
        if seconds >= 0.9:
            self.while_waiting()
        super().sleep(seconds)


@every_venue
def test_while_one_waits_nobody_else_may_send(case: VenueCase) -> None:
    clock = Watched(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        clock.advance(60)
        http, told = exchange.http, []
        clock.while_waiting = lambda: told.append(http.limiter.reserve(http.host, 1, http.limits()))
        for headers in ({}, {"Retry-After": "soon"}, {"Retry-After": "7"}):
            venue.faults = FaultPlan([faults.status(429, b"{}", headers)], path=case.page)
            case.fetch(exchange)
            clock.advance(60)
    assert told == pytest.approx([1.0, 1.0, 7.0])


@every_venue
def test_a_ban_is_obeyed_by_every_thread_for_all_of_its_time(case: VenueCase) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        case.fetch(exchange)
        venue.faults = FaultPlan([faults.status(418, b"{}", {"Retry-After": "120"})], path=case.page)
        with pytest.raises(RateLimitError, match="banned this computer's address until 2025-06-05 00:0"):
            case.fetch(exchange)
        sent, refused = len(venue.requests), []

        def ask() -> None:
            try:
                case.fetch(exchange)
            except RateLimitError as error:
                refused.append(error)

        for _second in range(0, 120, 20):
            threads = [threading.Thread(target=ask) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            clock.advance(19.9)
        assert (len(venue.requests) - sent, len(refused)) == (0, 24)
        clock.advance(1)
        assert len(case.fetch(exchange)) == BARS


@dataclass(frozen=True)
class Address:
    """Where a fake runs that belongs to another process."""

    url: str


def _ask_in_a_process(name: str, url: str, store: Path, results: Any) -> None:
    exchange = CASES[name].join(Address(url), SYSTEM_CLOCK)
    exchange.http.limiter = Limiter(store)
    try:
        CASES[name].fetch(exchange)
        results.put("candles")
    except PipelineError as error:
        results.put(f"{type(error).__name__}: {error}")


def test_a_ban_is_obeyed_by_every_process(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    case, results = CASES["BINANCE"], context.Queue()
    with case.fake() as venue:
        exchange = case.join(venue, SYSTEM_CLOCK)
        exchange.http.limiter = Limiter(tmp_path)
        # Longer than a busy machine can need to start the others: their clocks are real.
        venue.faults = FaultPlan([faults.status(418, b"{}", {"Retry-After": "3000"})])
        with pytest.raises(RateLimitError, match="banned"):
            case.fetch(exchange)
        workers = [context.Process(target=_ask_in_a_process, args=("BINANCE", venue.url, tmp_path, results)) for _ in range(2)]
        for worker in workers:
            worker.start()
        said = [results.get(timeout=PROGRAM_SECONDS) for _worker in workers]
        for worker in workers:
            worker.join()
        assert all(text.startswith("RateLimitError") and "banned" in text for text in said), said
        assert len(venue.requests) == 1


PASSING: dict[str, Fault] = {
    "500": faults.status(500), "502": faults.status(502, faults.HTML), "503": faults.status(503), "504": faults.status(504, b""),
    "403 page": faults.html(403),
}  # fmt: skip


@every_venue
@pytest.mark.parametrize("in_a_row", range(1, 7))
def test_a_fault_that_passes_within_four_attempts_leaves_no_trace(case: VenueCase, in_a_row: int) -> None:
    for fault in PASSING.values():
        play_in_a_row(case, fault, in_a_row)


def play_in_a_row(case: VenueCase, fault: Fault, in_a_row: int) -> None:
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock)
        good, before = case.fetch(exchange).digest, venue.count(case.page)
        clock.advance(60)
        clock.slept.clear()
        venue.faults = FaultPlan([fault] * in_a_row, path=case.page)
        if in_a_row <= 3:
            assert case.fetch(exchange).digest == good
        else:
            with pytest.raises(APIError, match=r"\(Tried 4 times\.\)"):
                case.fetch(exchange)
        assert venue.count(case.page) - before == min(in_a_row + 1, 4)
        assert [wait for wait in clock.slept if wait >= 0.9] == pytest.approx([1, 2, 4][: min(in_a_row, 3)], rel=0.01)


@every_venue
def test_a_region_where_the_venue_is_blocked_is_said_at_once(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue)
        case.fetch(exchange)
        before = venue.count(case.page)
        venue.faults = FaultPlan.always(faults.html(451), path=case.page)
        with pytest.raises(APIError, match=r"blocked in the region you ask from \(HTTP 451\). Choose another exchange"):
            case.fetch(exchange)
        assert venue.count(case.page) == before + 1
