"""Random bad days at every venue (E16): what comes in the end is what comes on a good day, or a typed error; nothing hangs."""

import contextlib
import random
from collections import Counter

import pytest

from core.errors import PipelineError
from tests.exchanges.venue_cases import CASES, NOW_MS, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.clock import FakeClock
from tests.fakes.faults import fault_schedule
from tests.fakes.server import FaultPlan

# Three pages, and the requests before them.
PAGE, REQUESTS = 10, 60
# Four attempts survive three faults in a row.
SURVIVED = 3
ERRORS = {"APIError", "DataError", "RateLimitError"}
IN_CI, IN_ALL = 500 // len(CASES), 20_000 // len(CASES)


def longest_run(plan: FaultPlan) -> int:
    """Return the largest number of faults in a row."""
    longest = run = 0
    for number in range(REQUESTS):
        run = run + 1 if number in plan.numbers else 0
        longest = max(longest, run)
    return longest


def worse_schedule(seed: int) -> FaultPlan:
    """Return a schedule in which now and then something does not pass: a ban, a refusal, a redirect, another answer."""
    rng, passing = random.Random(seed), faults.passing_faults()
    lasting = [
        *(faults.status(code, b"{}", {"Retry-After": "120"}) for code in (400, 401, 404, 410, 418, 451)), faults.redirect("http://127.0.0.1:1/"),
        faults.body(b"null"), faults.body(b"[[]]"), faults.status(429, b"{}", {"Retry-After": "1000000000"}),
    ]  # fmt: skip
    chosen = {number: rng.choice(lasting if rng.random() < 0.2 else passing) for number in range(REQUESTS) if rng.random() < 0.3}
    return FaultPlan(chosen)


def campaign(case: VenueCase, seeds: range) -> Counter[str]:
    """Play schedules; one that never has four faults in a row has to end in the fault-free candles, any other there or in an error."""
    outcomes = Counter[str]()
    with case.fake() as venue:
        expected = case.fetch(case.exchange(venue, page_bars=PAGE)).digest
        for seed in seeds:
            venue.faults = plan = fault_schedule(seed, requests=REQUESTS, rate=(0.2, 0.5, 0.8)[seed % 3])
            venue.requests.clear()
            clock = FakeClock(NOW_MS)
            try:
                found = case.fetch(case.exchange(venue, clock, page_bars=PAGE)).digest
            except PipelineError as raised:
                found = type(raised).__name__
            outcomes["candles" if found == expected else found] += 1
            assert found == expected or (found in ERRORS and longest_run(plan) > SURVIVED), f"{case.name}, schedule {seed}: {found}"
            assert clock.monotonic() - 1000 < 600, f"{case.name}, schedule {seed} takes longer than a call may"
    return outcomes


@every_venue
def test_random_faults_end_in_the_same_candles_or_in_a_typed_error(case: VenueCase) -> None:
    outcomes = campaign(case, range(IN_CI))
    assert outcomes["candles"] > IN_CI // 3
    assert set(outcomes) > {"candles"}


@every_venue
def test_what_does_not_pass_ends_in_a_typed_error_or_in_the_same_candles(case: VenueCase) -> None:
    with case.fake() as venue:
        expected = case.fetch(case.exchange(venue, page_bars=PAGE)).digest
        for seed in range(20):
            venue.faults = worse_schedule(seed)
            found = expected
            with contextlib.suppress(PipelineError):
                found = case.fetch(case.exchange(venue, page_bars=PAGE)).digest
            assert found == expected, seed


@every_venue
@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_random_faults_end_in_the_same_candles_or_in_a_typed_error(case: VenueCase) -> None:
    assert campaign(case, range(1000, 1000 + IN_ALL)).total() == IN_ALL
