"""The limiter: never above the share, almost all of it used, shared by threads and processes, and closed for all when one is banned."""

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import RateLimitError
from exchanges.limits import Limit, Limiter
from tests.fakes.clock import FakeClock, SharedClock
from tests.patience import PROGRAM_SECONDS

MINUTE = Limit(weight=200, window_s=60)
HOST = "api.example"
Sent = list[tuple[float, int]]


def assert_within(sent: Sent, limit: Limit, share: float) -> None:
    """No window of any start holds more than the share, and nine tenths of it are used while there is something to send."""
    times, weights = np.array([time for time, _weight in sorted(sent)]), np.array([weight for _time, weight in sorted(sent)])
    before = np.concatenate(([0], np.cumsum(weights)))
    ends = np.searchsorted(times, times + limit.window_s - 1e-9, side="left")
    in_window = before[ends] - before[: len(times)]
    assert in_window.max() <= limit.weight * share
    windows = (times[-1] - times[0]) / limit.window_s
    assert weights.sum() >= 0.9 * windows * limit.weight * share


def send(limiter: Limiter, clock: Any, count: int, sent: Sent, weights: Callable[[int], int] = lambda _number: 1) -> None:
    for number in range(count):
        limiter.acquire(HOST, weights(number), (MINUTE,), patience_s=1e9)
        # Dated by the look at the clock that the permission rests on: others may have let time pass since.
        sent.append((clock.last_look(), weights(number)))


def test_ten_thousand_requests_of_eight_threads_stay_within_the_share_and_use_it() -> None:
    clock, sent = FakeClock(), Sent()
    limiter = Limiter(None, clock)
    threads = [threading.Thread(target=send, args=(limiter, clock, 1250, sent)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 10_000
    assert_within(sent, MINUTE, 0.5)


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_mixed_weights_stay_within_the_share(share: float) -> None:
    clock, sent = FakeClock(), Sent()
    send(Limiter(None, clock, share), clock, 2000, sent, lambda number: (1, 2, 5)[number % 3])
    assert_within(sent, MINUTE, share)


def _send_in_a_process(cell: "Synchronized[float]", store: Path, results: Any) -> None:
    clock, sent = SharedClock(cell), Sent()
    limiter = Limiter(store, clock)
    threads = [threading.Thread(target=send, args=(limiter, clock, 1250, sent)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(sent)


def test_ten_thousand_requests_of_four_processes_stay_within_the_share_and_use_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    cell, results = context.Value("d", 1000.0), context.Queue()
    workers = [context.Process(target=_send_in_a_process, args=(cell, tmp_path, results)) for _ in range(4)]
    for worker in workers:
        worker.start()
    sent = [each for _worker in workers for each in results.get(timeout=PROGRAM_SECONDS)]
    for worker in workers:
        worker.join()
    assert len(sent) == 10_000
    assert_within(sent, MINUTE, 0.5)


def test_all_limits_of_a_request_bind() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock, share=1.0)
    limits = (Limit(5, 1), Limit(8, 3600))
    started = clock.monotonic()
    for _ in range(9):
        limiter.acquire(HOST, 1, limits, patience_s=1e9)
    assert clock.monotonic() - started == pytest.approx(3600, rel=0.02)


def test_groups_have_budgets_of_their_own() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock, share=1.0)
    limiter.acquire(HOST, 200, (MINUTE,))
    limiter.acquire(HOST, 1, (Limit(1, 60, "funding"),))
    assert clock.slept == []


def test_hosts_have_budgets_of_their_own() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock, share=1.0)
    limiter.acquire(HOST, 200, (MINUTE,))
    limiter.acquire("other.example", 200, (MINUTE,))
    assert clock.slept == []


def test_request_heavier_than_the_share_goes_alone() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    limiter.acquire(HOST, 1, (MINUTE,))
    limiter.acquire(HOST, 150, (MINUTE,))
    assert sum(clock.slept) == pytest.approx(60, rel=0.02)


def test_weight_that_others_use_is_left_to_them() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    limiter.acquire(HOST, 10, (MINUTE,))
    limiter.report(HOST, 180, MINUTE)
    assert limiter.used(HOST, MINUTE) == 10
    limiter.acquire(HOST, 20, (MINUTE,))
    assert clock.slept == []
    limiter.acquire(HOST, 1, (MINUTE,))
    assert sum(clock.slept) == pytest.approx(60, rel=0.02)


def test_weight_that_the_venue_counts_and_we_know_is_not_counted_twice() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    for used in (30, 60, 90):
        limiter.acquire(HOST, 30, (MINUTE,))
        limiter.report(HOST, used, MINUTE)
    limiter.acquire(HOST, 10, (MINUTE,))
    assert clock.slept == []


def test_ban_stops_every_thread_and_process_at_once_and_sends_nothing(tmp_path: Path) -> None:
    clock = FakeClock()
    mine, others = Limiter(tmp_path, clock), Limiter(tmp_path, clock)
    mine.close(HOST, 120, banned=True)
    for limiter in (mine, others):
        with pytest.raises(RateLimitError, match=r"banned this computer's address until 2024-05-01 00:02 UTC \(120 s"):
            limiter.acquire(HOST, 1, (MINUTE,))
    assert clock.slept == []
    clock.advance(119.9)
    with pytest.raises(RateLimitError):
        others.acquire(HOST, 1, (MINUTE,))
    clock.advance(0.2)
    others.acquire(HOST, 1, (MINUTE,))


def test_pause_is_waited_for_by_everybody(tmp_path: Path) -> None:
    clock = FakeClock()
    Limiter(tmp_path, clock).close(HOST, 7)
    Limiter(tmp_path, clock).acquire(HOST, 1, (MINUTE,))
    assert clock.slept == [7]


def test_a_shorter_pause_does_not_end_a_ban() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    limiter.close(HOST, 120, banned=True)
    limiter.close(HOST, 1)
    clock.advance(60)
    with pytest.raises(RateLimitError, match="banned"):
        limiter.acquire(HOST, 1, (MINUTE,))


def test_waiting_longer_than_the_patience_is_an_error_that_says_until_when() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    limiter.close(HOST, 3600)
    with pytest.raises(RateLimitError, match="takes no more requests until 2024-05-01 01:00 UTC"):
        limiter.acquire(HOST, 1, (MINUTE,), patience_s=600)
    assert clock.slept == []


def test_the_time_of_day_may_jump() -> None:
    clock = FakeClock()
    limiter = Limiter(None, clock)
    limiter.close(HOST, 120, banned=True)
    for jump in (3600, -7200):
        clock.jump(jump)
        with pytest.raises(RateLimitError):
            limiter.acquire(HOST, 1, (MINUTE,))


def test_after_a_restart_of_the_machine_a_ban_lasts_for_what_was_left_of_it(tmp_path: Path) -> None:
    Limiter(tmp_path, FakeClock(monotonic=1e6)).close(HOST, 120, banned=True)
    clock = FakeClock(monotonic=50.0)
    with pytest.raises(RateLimitError):
        Limiter(tmp_path, clock).acquire(HOST, 1, (MINUTE,))
    clock.advance(121)
    Limiter(tmp_path, clock).acquire(HOST, 1, (MINUTE,))


@pytest.mark.parametrize(
    "content", [b"", b'{"buckets"', b"[]", b"null", b'{"buckets":{"a":[1]},"closed_until":0}', b"\xff" * 100, b"[" * 5000]
)
def test_file_that_was_cut_short_means_that_nothing_is_known(tmp_path: Path, content: bytes) -> None:
    clock = FakeClock()
    (tmp_path / f"{HOST}.json").write_bytes(content)
    limiter = Limiter(tmp_path, clock)
    limiter.acquire(HOST, 3, (MINUTE,))
    assert limiter.used(HOST, MINUTE) == 3


def test_file_stays_small_and_private(tmp_path: Path) -> None:
    clock = FakeClock()
    send(Limiter(tmp_path, clock), clock, 1000, [])
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size < 10_000
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "[::1]:8080", "a/../../b"])
def test_any_host_has_a_file_in_the_folder(tmp_path: Path, host: str) -> None:
    Limiter(tmp_path / "limits", FakeClock()).acquire(host, 1, (MINUTE,))
    assert len(os.listdir(tmp_path / "limits")) == 1
    assert os.listdir(tmp_path) == ["limits"]
