"""The hub: watches only while somebody looks on, tells everybody the same, and says so when something was missed."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from core.errors import StorageError
from dashboard.events import hub as hub_module
from dashboard.events.hub import KINDS, Event, EventHub, Place
from dashboard.events.stream import Wanted, event_stream
from tests.patience import PATIENCE_SECONDS

ALL = Wanted(frozenset(KINDS))


@dataclass
class Fake:
    """A source whose news a test plants, all at once; ``looked`` is released with each look."""

    primed: int = 0
    news: list[Event] = field(default_factory=list)
    looked: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    trouble: Exception | None = None

    def prime(self) -> None:
        self.primed += 1

    def poll(self) -> list[Event]:
        self.looked.release()
        if self.trouble is not None:
            raise self.trouble
        found, self.news = self.news, []
        return found


@pytest.fixture
def source() -> Fake:
    return Fake()


@pytest.fixture
def make(source: Fake) -> Iterator[Callable[..., EventHub]]:
    """Return what makes hubs that look all the time; they are closed at the end."""
    made: list[EventHub] = []

    def hub(linger: float = PATIENCE_SECONDS) -> EventHub:
        made.append(EventHub((source,), 0.001, linger))
        return made[-1]

    yield hub
    for each in made:
        each.close()


def event(number: int, run_id: str | None = None) -> Event:
    return Event("log", {"number": number}, run_id)


def test_nobody_watches_before_somebody_looks_on(make: Callable[..., EventHub], source: Fake) -> None:
    hub = make()
    assert source.primed == 0
    with hub.subscribed():
        assert source.looked.acquire(timeout=PATIENCE_SECONDS)
    assert source.primed == 1


def test_all_who_look_on_are_told_and_one_thread_looks(make: Callable[..., EventHub], source: Fake) -> None:
    hub = make()
    with hub.subscribed() as first, hub.subscribed() as second:
        source.news = [event(1), event(2)]
        batches = [hub.wait(begin.place, PATIENCE_SECONDS) for begin in (first, second)]
        assert [each.data["number"] for batch in batches for each in batch.events] == [1, 2, 1, 2]
        assert source.primed == 1


def test_who_comes_back_goes_on_where_he_was(make: Callable[..., EventHub], source: Fake) -> None:
    hub = make()
    with hub.subscribed() as begin:
        source.news = [event(1), event(2), event(3)]
        place = hub.wait(begin.place, PATIENCE_SECONDS).place
    back = Place(place.epoch, place.number - 1)
    with hub.subscribed(back) as again:
        assert not again.missed
        assert [each.data["number"] for each in hub.wait(again.place, PATIENCE_SECONDS).events] == [3]


@pytest.mark.parametrize("last", ["other-3", "nonsense", "-", "1-99999999", "x" * 40])
def test_who_comes_from_elsewhere_is_told_that_he_missed_something(make: Callable[..., EventHub], last: str) -> None:
    stream = event_stream(make(), ALL, last)
    assert '{"missed":true}' in next(stream)
    stream.close()


def test_who_was_away_too_long_is_told(make: Callable[..., EventHub], source: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "_RING", 2)
    hub = make()
    hub._ring = type(hub._ring)(maxlen=2)
    with hub.subscribed() as begin:
        source.news = [event(number) for number in range(5)]
        assert hub.wait(begin.place, PATIENCE_SECONDS).missed
    with hub.subscribed(begin.place) as again:
        assert again.missed


def test_watching_ends_when_nobody_is_left(make: Callable[..., EventHub], source: Fake) -> None:
    hub = make(0.0)
    with hub.subscribed():
        thread = hub._thread
    assert thread is not None
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    with hub.subscribed():
        assert source.primed == 2


@pytest.mark.parametrize("trouble", [PermissionError(13, "Permission denied"), StorageError("the disk is full."), TypeError("a bug")])
def test_trouble_with_one_source_ends_nothing(
    make: Callable[..., EventHub], source: Fake, trouble: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    hub = make()
    source.trouble = trouble
    with hub.subscribed() as begin:
        assert all(source.looked.acquire(timeout=PATIENCE_SECONDS) for _ in range(3))
        source.trouble, source.news = None, [event(1)]
        assert hub.wait(begin.place, PATIENCE_SECONDS).events
    assert [str(trouble) in message for message in caplog.messages] == [True]


def test_stream_has_ids_names_and_what_was_asked_for(make: Callable[..., EventHub], source: Fake) -> None:
    stream = event_stream(make(), Wanted(frozenset({"log", "run"}), "mine"), heartbeat=PATIENCE_SECONDS)
    hello = next(stream)
    assert hello.startswith("retry: 2000\nevent: hello\nid: ")
    source.news = [event(1, "other"), Event("trial", {}, "mine"), event(2, "mine"), event(3)]
    text = next(stream)
    epoch = hello.split("id: ")[1].split("-")[0]
    assert text == f'event: log\nid: {epoch}-3\ndata: {{"number":2}}\n\nevent: log\nid: {epoch}-4\ndata: {{"number":3}}\n\n'
    stream.close()


def test_stream_says_when_nothing_is_new_and_ends_with_the_hub(make: Callable[..., EventHub]) -> None:
    hub = make()
    stream = event_stream(hub, ALL, heartbeat=0.001)
    next(stream)
    assert next(stream) == ": nothing new\n\n"
    hub.close()
    assert all(text == ": nothing new\n\n" for text in stream)


def test_text_with_line_ends_stays_one_event(make: Callable[..., EventHub], source: Fake) -> None:
    stream = event_stream(make(), ALL, heartbeat=PATIENCE_SECONDS)
    next(stream)
    source.news = [Event("log", {"message": "a\n\nevent: job\ndata: {}\r\n"})]
    assert next(stream).count("\n\n") == 1
    stream.close()
