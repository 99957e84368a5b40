"""Leaving a host alone that fails again and again, instead of making every caller wait for the same failure."""

import threading
from dataclasses import dataclass

from core.clock import format_utc
from core.errors import APIError
from exchanges.timing import Clock


@dataclass(slots=True)
class _Host:
    failures: int = 0
    closed_until: float = 0.0
    last: str = ""


class CircuitBreaker:
    """Counts the failed requests in a row per host; thread safe, and meant to be shared by all who talk to it.

    Requests count once their call has given up: what passes within the retries of a call harms nobody. After ``failures`` of them
    nobody is let through for ``pause_s``; then one call is, and the way is open for all again as soon as the host answers.
    """

    def __init__(self, clock: Clock, failures: int = 10, pause_s: float = 60.0) -> None:
        """Count on ``clock``."""
        self._clock, self._most, self._pause_s = clock, failures, pause_s
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def admit(self, host: str, name: str) -> None:
        """Return when ``host``, shown as ``name``, may be asked; else APIError, at once, that says when it will be tried again."""
        with self._lock:
            state = self._hosts.get(host)
            if state is None or state.failures < self._most:
                return
            left_s = state.closed_until - self._clock.monotonic()
            if left_s <= 0:
                # This call finds out for all: the others go on waiting until it has.
                state.closed_until = self._clock.monotonic() + self._pause_s
                return
            until = format_utc((self._clock.now_ms() + int(left_s * 1000) + 999) // 1000 * 1000)
            raise APIError(
                f"{name}: {state.failures} requests in a row failed, so it is left alone until {until} UTC ({left_s:.0f} s from now) and "
                f"tried again then. The last failure: {state.last}"
            )

    def failed(self, host: str, requests: int, error: Exception) -> None:
        """Take note that a call has given up on ``host`` after ``requests`` requests."""
        with self._lock:
            state = self._hosts.setdefault(host, _Host())
            state.failures, state.last = state.failures + requests, str(error)
            if state.failures >= self._most:
                state.closed_until = self._clock.monotonic() + self._pause_s

    def worked(self, host: str) -> None:
        """Take note that ``host`` has answered."""
        with self._lock:
            self._hosts.pop(host, None)
