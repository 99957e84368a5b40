"""The events as a stream of text: what a browser's EventSource reads."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from core.canonical_json import dumps
from dashboard.events.hub import Event, EventHub, Kind, Place

HEARTBEAT_SECONDS = 15.0
# How long a browser waits before it comes back by itself.
_RETRY_MS = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for: these kinds, of one run (with what concerns no run) or of all."""

    kinds: frozenset[Kind]
    run_id: str | None = None

    def has(self, event: Event) -> bool:
        """Return whether ``event`` is asked for."""
        return event.kind in self.kinds and (self.run_id is None or event.run_id in (None, self.run_id))


def event_stream(
    hub: EventHub,
    wanted: Wanted,
    last_id: str = "",
    heartbeat: float = HEARTBEAT_SECONDS,
    allowed: Callable[[], bool] = lambda: True,
) -> Generator[str, None, None]:
    """Yield the stream: first ``hello``, which says whether anything was missed, then what happens; a comment when nothing does.

    It ends when the hub is closed, and when its reader is no longer ``allowed`` to hear more. ``last_id`` is the id of the last event
    that the reader got.
    """
    # An id that is no place is one of a server of old: the reader was there, and missed something.
    resume = (Place.parse(last_id) or Place("", 0)) if last_id else None
    with hub.subscribed(resume) as begin:
        place = begin.place
        yield f"retry: {_RETRY_MS}\n{_message('hello', place, dumps({'missed': begin.missed}))}"
        while not hub.closed:
            batch = hub.wait(place, heartbeat)
            if not allowed():
                return
            if batch.missed:
                yield _message("hello", batch.place, dumps({"missed": True}))
            first = batch.place.number - len(batch.events)
            told = [
                _message(event.kind, Place(batch.place.epoch, first + index + 1), dumps(event.data))
                for index, event in enumerate(batch.events)
                if wanted.has(event)
            ]
            place = batch.place
            if told:
                yield "".join(told)
            elif not batch.missed:
                yield ": nothing new\n\n"


def _message(kind: str, place: Place, data: str) -> str:
    return f"event: {kind}\nid: {place}\ndata: {data}\n\n"
