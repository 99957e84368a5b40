"""The hub: one thread looks at the files, however many pages look on, and only while any does.

What it found lies in a ring of the last events. A stream is no more than a place in that ring, so a slow reader costs nothing, and one
that comes back goes on where it was. Who was away for too long is told so, and asks for everything anew.
"""

import logging
import secrets
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from core.clock import monotonic_seconds

log = logging.getLogger(__name__)

Kind = Literal["progress", "trial", "log", "job", "run"]
KINDS: tuple[Kind, ...] = ("progress", "trial", "log", "job", "run")

_RING = 2000
# A page that lost its connection comes back within this time and misses nothing.
_LINGER_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; ``run_id`` is the run it belongs to, None what concerns every page."""

    kind: Kind
    data: Mapping[str, Any]
    run_id: str | None = None


class Source(Protocol):
    """Files that are watched."""

    def prime(self) -> None:
        """Take in how things stand now; none of that is news."""
        ...

    def poll(self) -> list[Event]:
        """Return what happened since."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the ring of one ``epoch`` of watching: everything before ``number`` was told."""

    epoch: str
    number: int

    def __str__(self) -> str:
        return f"{self.epoch}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """Return the place that a stream's id names, None for any other text."""
        epoch, _, number = text.rpartition("-")
        return cls(epoch, int(number)) if epoch and number.isascii() and number.isdigit() and len(number) < 16 else None


@dataclass(frozen=True, slots=True)
class Batch:
    """Events and the place behind them; ``missed`` when some before them are gone."""

    events: tuple[Event, ...]
    place: Place
    missed: bool = False


class EventHub:
    """Watches ``sources`` every ``interval`` seconds while somebody is subscribed, and tells all subscribers. Thread-safe."""

    def __init__(self, sources: Sequence[Source], interval: float = 0.5, linger: float = _LINGER_SECONDS) -> None:
        self._sources, self._interval, self._linger = sources, interval, linger
        self._changed = threading.Condition()
        self._wake = threading.Event()
        self._ring: deque[Event] = deque(maxlen=_RING)
        self._epoch, self._next = "", 0
        self._subscribers = 0
        self._told: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing will come any more."""
        return self._closed

    @contextmanager
    def subscribed(self, resume: Place | None = None) -> Iterator[Batch]:
        """Keep the hub watching; yields the place to begin at: ``resume`` if that is still known, else now, and then ``missed``."""
        with self._changed:
            self._subscribers += 1
            if self._thread is None and not self._closed:
                self._begin()
            known = resume is not None and resume.epoch == self._epoch and self._next - len(self._ring) <= resume.number <= self._next
            place = resume if known and resume is not None else Place(self._epoch, self._next)
        try:
            yield Batch((), place, missed=resume is not None and not known)
        finally:
            with self._changed:
                self._subscribers -= 1

    def wait(self, place: Place, timeout: float) -> Batch:
        """Return what came after ``place``, at the latest after ``timeout`` seconds; then perhaps nothing."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next > place.number or self._epoch != place.epoch, timeout)
            here = Place(self._epoch, self._next)
            first = self._next - len(self._ring)
            if place.epoch != self._epoch or place.number < first:
                return Batch((), here, missed=True)
            return Batch(tuple(self._ring)[place.number - first :], here)

    def close(self) -> None:
        """End all streams and the watching; for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread  # which may end, and say so, as soon as it can
        self._wake.set()
        if thread is not None:
            thread.join(5)

    def _begin(self) -> None:
        """Begin an epoch: nobody can have missed anything of it."""
        self._epoch, self._next = secrets.token_hex(4), 0
        self._ring.clear()
        for source in self._sources:
            try:
                source.prime()
            except Exception as error:  # noqa: BLE001 - told in the log; one source must not silence the others
                self._tell(source, error)
        self._thread = threading.Thread(target=self._watch, name="event-hub", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        quiet_since: float | None = None
        while not self._wake.wait(self._interval):
            events = [event for source in self._sources for event in self._polled(source)]
            with self._changed:
                if events:
                    self._ring.extend(events)
                    self._next += len(events)
                    self._changed.notify_all()
                quiet_since = None if self._subscribers else quiet_since or monotonic_seconds()
                if self._closed or (quiet_since is not None and monotonic_seconds() - quiet_since >= self._linger):
                    self._thread = None
                    return

    def _polled(self, source: Source) -> list[Event]:
        """Return the news of one source; whatever goes wrong with it ends neither the watching nor the other sources."""
        try:
            return source.poll()
        except Exception as error:  # noqa: BLE001 - told in the log; one source must not silence the others
            self._tell(source, error)
            return []

    def _tell(self, source: Source, error: Exception) -> None:
        """Log what is wrong with a source, once for as long as it stays the same: it is looked at twice a second."""
        name, problem = type(source).__name__, repr(error)
        if self._told.get(name) != problem:
            self._told[name] = problem
            log.warning("%s cannot look: %s", name, error, exc_info=None if isinstance(error, OSError) else error)
