"""A clock on which waiting takes no time."""

import random
import threading
from multiprocessing.sharedctypes import Synchronized

START_MS = 1_714_521_600_000  # 2024-05-01


class FakeClock:
    """Time passes only by ``sleep`` and ``advance``; ``slept`` holds every wait in order.

    A thread sleeps from its own last look at the clock, so that threads that wait at once do not add up their waits.
    """

    def __init__(self, start_ms: int = START_MS, monotonic: float = 1000.0) -> None:
        self.slept: list[float] = []
        self._start_ms, self._start, self._monotonic = start_ms, monotonic, monotonic
        self._jump_ms = 0
        self._lock = threading.Lock()
        self._seen = threading.local()

    def now_ms(self) -> int:
        with self._lock:
            return self._start_ms + self._jump_ms + round((self._monotonic - self._start) * 1000)

    def monotonic(self) -> float:
        with self._lock:
            self._seen.at = self._monotonic
            return self._monotonic

    def sleep(self, seconds: float) -> None:
        with self._lock:
            if seconds > 0:
                self.slept.append(seconds)
                self._monotonic = max(self._monotonic, getattr(self._seen, "at", self._monotonic) + seconds)

    def last_look(self) -> float:
        """Return what this thread saw when it last looked."""
        return float(self._seen.at)

    def advance(self, seconds: float) -> None:
        """Let time pass without anybody waiting."""
        with self._lock:
            self._monotonic += seconds

    def jump(self, seconds: float) -> None:
        """Set the time of day forward or back; the monotonic clock goes on."""
        with self._lock:
            self._jump_ms += round(seconds * 1000)


class NoJitter(random.Random):
    """Randomness that adds nothing, for tests of exact waits."""

    def uniform(self, a: float, b: float) -> float:
        return a


class SharedClock:
    """A clock like FakeClock that processes share: ``cell`` holds its seconds."""

    def __init__(self, cell: "Synchronized[float]") -> None:
        self._cell, self._seen = cell, threading.local()

    def now_ms(self) -> int:
        return START_MS + round(self.monotonic() * 1000)

    def monotonic(self) -> float:
        with self._cell.get_lock():
            self._seen.at = self._cell.value
            return self._cell.value

    def sleep(self, seconds: float) -> None:
        with self._cell.get_lock():
            self._cell.value = max(self._cell.value, getattr(self._seen, "at", self._cell.value) + max(seconds, 0.0))

    def last_look(self) -> float:
        return float(self._seen.at)
