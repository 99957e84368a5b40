"""Keeping within what a venue allows, together with every other thread and process that talks to it.

Requests have a weight; a limit allows so much weight in any window of so many seconds. What was sent is kept as a list of buckets,
each dated at its end, so that a window never holds more than it may, at the price of at most one bucket's length of waiting.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.clock import format_utc
from core.errors import RateLimitError
from exchanges.limit_state import HostState, StateFile
from exchanges.timing import SYSTEM_CLOCK, Clock

# One bucket is this part of its window: at least 99 % of a share can be used.
_BUCKETS = 120
# A share may be rounded down to a whole number when that keeps this part of it.
_WORTH_ROUNDING = 0.95
# Waits below this are not worth another look at the state.
_SHORTEST_S = 0.001
# Waits from this on are told.
_WORTH_A_WORD_S = 5.0
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``weight`` in any ``window_s`` seconds for the requests of ``group`` (the empty name: those of no other group)."""

    weight: int
    window_s: float
    group: str = ""

    @property
    def key(self) -> str:
        """The name under which its buckets are kept."""
        return f"{self.group}/{self.window_s:g}"


class Limiter:
    """A budget per host, shared by all threads, and by all processes that use the same ``store`` folder.

    ``share`` is the part of each limit that all of us together use; what others behind the same address use is taken from the rest,
    as far as the venue tells (``report``). A single request heavier than the whole share is let through when nothing else was sent.
    """

    def __init__(self, store: Path | None = None, clock: Clock = SYSTEM_CLOCK, share: float = 0.5) -> None:
        """Keep the budgets in the folder ``store``, or in memory when it is None."""
        self._clock, self._share, self._store = clock, share, store
        self._files: dict[str, StateFile] = {}
        self._turns: dict[tuple[str, tuple[Limit, ...]], threading.Lock] = {}
        self._lock = threading.Lock()

    def acquire(self, host: str, weight: int, limits: Sequence[Limit], patience_s: float = 600.0) -> None:
        """Wait until ``weight`` may be spent at ``host`` under all ``limits``, and spend it.

        Raises RateLimitError at once when the venue has banned us, and when waiting would take longer than ``patience_s``.
        """
        started = self._clock.monotonic()
        # Those who want the same wait in line: the first one in it waits for the budget, the others for their turn.
        with self._turn(host, tuple(limits)):
            while wait_s := self.reserve(host, weight, limits):
                waited_s = self._clock.monotonic() - started
                if waited_s + wait_s > patience_s:
                    raise self._too_long(host, wait_s)
                if wait_s >= _WORTH_A_WORD_S:
                    _LOG.info("Waiting %.0f s to keep within the limits of %s.", wait_s, host)
                self._clock.sleep(wait_s)

    def reserve(self, host: str, weight: int, limits: Sequence[Limit]) -> float:
        """Spend ``weight`` and return 0, or spend nothing and return the seconds after which to ask again.

        Raises RateLimitError when the venue has banned us.
        """
        with self._file(host).edit() as state:
            now = self._clock.monotonic()
            state.forget_other_boots(now)
            if state.closed_until > now:
                if state.banned:
                    raise self._closed(host, state.closed_until - now)
                return state.closed_until - now
            wait_s = max((self._wait(state, limit, weight, now) for limit in limits), default=0.0)
            if wait_s <= 0:
                for limit in limits:
                    allowed, window_s = self._allowance(limit)
                    # A single request heavier than all that is allowed takes as many windows as it weighs.
                    ahead_s = window_s * (weight - 1) if allowed == 1 else 0.0
                    state.add(limit.key, _bucket_end(now, window_s) + ahead_s, now, own=weight)
            state.seen = now
            return max(wait_s, 0.0)

    def report(self, host: str, used: int, limit: Limit) -> None:
        """Take note that ``host`` counts ``used`` weight in the window of ``limit``; what is not ours was spent by others."""
        with self._file(host).edit() as state:
            now = self._clock.monotonic()
            state.forget_other_boots(now)
            known = sum(own + others for end, own, others in state.buckets.get(limit.key, []) if end + limit.window_s > now)
            if used > known:
                state.add(limit.key, _bucket_end(now, limit.window_s), now, others=used - known)
            state.seen = now

    def used(self, host: str, limit: Limit) -> int:
        """Return the weight that we spent at ``host`` in the last window of ``limit``."""
        with self._file(host).edit() as state:
            now = self._clock.monotonic()
            state.forget_other_boots(now)
            return sum(own for end, own, _others in state.buckets.get(limit.key, []) if end + limit.window_s > now)

    def close(self, host: str, seconds: float, *, banned: bool = False) -> None:
        """Let nobody talk to ``host`` for ``seconds``: those who come wait, or fail at once when it ``banned`` us."""
        with self._file(host).edit() as state:
            now = self._clock.monotonic()
            state.forget_other_boots(now)
            still_banned = state.banned and state.closed_until > now
            state.banned = banned or still_banned
            state.closed_until = max(state.closed_until, now + seconds)
            state.seen = now

    def _wait(self, state: HostState, limit: Limit, weight: int, now: float) -> float:
        """Return the seconds until ``weight`` fits under ``limit``; drops what has left its windows."""
        allowed, window_s = self._allowance(limit)
        longest_s = max(window_s, limit.window_s)
        live = sorted(bucket for bucket in state.buckets.get(limit.key, []) if bucket[0] + longest_s > now)
        state.buckets[limit.key] = live
        own = [(end + window_s, spent) for end, spent, _others in live]
        all_of_it = [(end + limit.window_s, spent + others) for end, spent, others in live]
        free_at = max(_free_at(own, allowed - weight, now), _free_at(all_of_it, limit.weight - weight, now))
        return max(free_at - now, _SHORTEST_S) if free_at > now else 0.0

    def _allowance(self, limit: Limit) -> tuple[int, float]:
        """Return the weight that we may spend in any so many seconds.

        A share of a few requests that is no whole number would lose much by rounding: such requests are spaced evenly instead.
        """
        exact = limit.weight * self._share
        whole = int(exact + 1e-9)
        return (whole, limit.window_s) if whole >= _WORTH_ROUNDING * exact else (1, limit.window_s / exact)

    def _turn(self, host: str, limits: tuple[Limit, ...]) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault((host, limits), threading.Lock())

    def _file(self, host: str) -> StateFile:
        with self._lock:
            if host not in self._files:
                self._files[host] = StateFile(self._store, host)
            return self._files[host]

    def _closed(self, host: str, seconds: float) -> RateLimitError:
        until = format_utc(self._clock.now_ms() + int(seconds * 1000))
        return RateLimitError(
            f"{host} has banned this computer's address until {until} UTC ({seconds:.0f} s from now). "
            "Nothing is sent to it before that; try again then, and use fewer requests at once."
        )

    def _too_long(self, host: str, seconds: float) -> RateLimitError:
        until = format_utc(self._clock.now_ms() + int(seconds * 1000))
        return RateLimitError(f"{host} takes no more requests until {until} UTC ({seconds:.0f} s from now). Try again then.")


def _bucket_end(now: float, window_s: float) -> float:
    """Return the end of the bucket of a window of ``window_s`` that holds ``now``."""
    length = window_s / _BUCKETS
    return (now // length + 1) * length


def _free_at(spent: Sequence[tuple[float, int]], room: int, now: float) -> float:
    """Return when what is left of ``spent`` (until when it counts, how much it is; in order) is no more than ``room``, or is nothing."""
    held = sum(weight for until, weight in spent if until > now)
    free_at = now
    for until, weight in spent:
        if held <= room:
            break
        if until > now:
            held, free_at = held - weight, until
    return free_at
