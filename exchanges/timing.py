"""Clocks for what waits: the real one, the protocol that tests stand in for, and the venue's clock as we can know it."""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from core.clock import monotonic_seconds, now_ms

# Crystals drift by some 50 millionths: in ten minutes by 30 ms.
_FRESH_S = 600.0


class Clock(Protocol):
    """The time of day, a clock that never jumps, and waiting."""

    def now_ms(self) -> int:
        """UTC milliseconds since 1970; may jump when somebody sets the computer's clock."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, the same for all processes of this machine until it starts anew."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; nothing for 0 or less."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now_ms(self) -> int:
        return now_ms()

    def monotonic(self) -> float:
        return monotonic_seconds()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)


SYSTEM_CLOCK: Clock = SystemClock()


class ServerClock:
    """A venue's time of day, asked once and carried on by the clock that never jumps, whatever the computer's clock says.

    What it returns is never later than the venue's own time, apart from drift, and earlier by at most the time an answer travels:
    a bar that is closed by this clock is closed at the venue.
    """

    def __init__(self, clock: Clock, ask: Callable[[], int]) -> None:
        """Use ``ask`` (a request for the venue's time in UTC ms) whenever the last answer is older than ten minutes."""
        self._clock, self._ask = clock, ask
        self._known: tuple[int, float] | None = None
        self._lock = threading.Lock()

    def now_ms(self) -> int:
        """Return the venue's time in UTC ms; asks when it is not known; raises what asking raises."""
        known = self._known
        if known is None or self._clock.monotonic() - known[1] > _FRESH_S:
            known = self.ask_again()
        return known[0] + int((self._clock.monotonic() - known[1]) * 1000)

    def ask_again(self) -> tuple[int, float]:
        """Ask the venue now and return its answer with the moment at which it came."""
        with self._lock:
            answer = self._ask()
            self._known = (answer, self._clock.monotonic())
            return self._known
