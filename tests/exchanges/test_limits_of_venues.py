"""The limits of every venue as its facts state them (E13): never exceeded in any window, and nearly all of our share used."""

import numpy as np
import pytest

from exchanges.facts import VenueFacts
from exchanges.limits import Limit, Limiter
from exchanges.venues import VENUES
from tests.fakes.clock import FakeClock

HOST = "api.example"
LIMITS = [(facts, limit) for facts in VENUES.values() for limit in facts.limits]


def most_in_a_window(times: np.ndarray, weight: int, window_s: float) -> int:
    """Return the largest weight in any window, wherever it begins."""
    ends = np.searchsorted(times, times + window_s - 1e-9, side="left")
    return int((ends - np.arange(len(times))).max()) * weight


@pytest.mark.parametrize(("facts", "limit"), LIMITS, ids=[f"{facts.name} {limit.key}" for facts, limit in LIMITS])
@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_no_window_holds_more_than_the_venue_allows_and_the_share_is_used(facts: VenueFacts, limit: Limit, share: float) -> None:
    clock, weight = FakeClock(), 1 if limit.group else facts.candle_weight
    limiter = Limiter(None, clock, share)
    # Enough to fill several windows.
    count = min(int(4 * max(limit.weight * share, 1) / weight) + 20, 10_000)
    limit = Limit(min(limit.weight, 5000), limit.window_s * min(limit.weight, 5000) / limit.weight, limit.group)
    times = []
    for _ in range(count):
        limiter.acquire(HOST, weight, (limit,), patience_s=1e9)
        times.append(clock.monotonic())
    sent = np.array(times)
    assert most_in_a_window(sent, weight, limit.window_s) <= limit.weight
    # A share that is no whole number of requests is spaced evenly: one more may fall into a window.
    assert most_in_a_window(sent, weight, limit.window_s) <= np.ceil(limit.weight * share / weight) * weight
    assert count * weight >= 0.9 * share * limit.weight * (sent[-1] - sent[0]) / limit.window_s


def test_shares_of_few_requests_are_not_lost_by_rounding() -> None:
    """Half of Kite's three candle requests a second are one and a half, not one."""
    clock = FakeClock()
    limiter = Limiter(None, clock, 0.5)
    started = clock.monotonic()
    for _ in range(151):
        limiter.acquire(HOST, 1, (Limit(3, 1.0),))
    assert clock.monotonic() - started == pytest.approx(100, rel=0.02)


def test_heavy_request_under_such_a_share_takes_no_more_than_it() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock, 0.5)
    started = clock.monotonic()
    for _ in range(30):
        limiter.acquire(HOST, 2, (Limit(3, 1.0),), patience_s=1e9)
    assert clock.monotonic() - started >= 29 * 2 / 1.5


@pytest.mark.parametrize("closed_until", ["Infinity", "1e308", "9e9", "NaN"])
def test_file_that_would_close_a_host_for_ever_is_damage(tmp_path, closed_until: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / f"{HOST}.json").write_text(f'{{"buckets":{{}},"closed_until":{closed_until},"banned":true,"seen":900.0}}')
    Limiter(tmp_path, FakeClock()).acquire(HOST, 1, (Limit(3, 1.0),))
