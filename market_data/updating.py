"""Bringing stored series up to date: every venue on its own, so that none waits for another, and none stops another."""

import queue
import threading
from collections.abc import Callable, Sequence

from core.clock import monotonic_seconds
from core.clock import now_ms as clock_ms
from core.errors import APIError, CredentialError, PipelineError, RateLimitError
from core.market import Market
from exchanges.base import Exchange
from market_data.fetching import FetchProgress, OnProgress
from market_data.series_update import SeriesJob, SeriesUpdate, fetch_jobs
from market_data.store import CandleStore

__all__ = ["OnUpdate", "SeriesUpdate", "update_all"]

OnUpdate = Callable[[SeriesUpdate], None]
_LOOK_S = 0.1
# After a stop so long is waited for what is being stored; an answer that has not come by then is not waited for.
_GRACE_S = 2.0
# A venue that failed so often in a row is left alone until the next update.
_FAILURES = 2
# These hold for all series of a venue.
_VENUE_ERRORS = (RateLimitError, CredentialError)


def update_all(
    store: CandleStore,
    markets: Sequence[Market],
    exchange_of: Callable[[str], Exchange],
    *,
    now_ms: int | None = None,
    stop: threading.Event | None = None,
    on_update: OnUpdate | None = None,
    on_progress: OnProgress | None = None,
) -> list[SeriesUpdate]:
    """Bring the stored series of ``markets`` up to ``now_ms`` and return what became of each, in their order.

    The last hundred stored bars of a series are asked for once more, together with the new ones: what the venue has changed since is
    recorded as a revision. Holes that were never asked for are closed. Trouble with a series or a venue is told in its report and stops
    no other. Venues are asked at the same time, the series of one side by side where it allows that. ``on_update`` and ``on_progress``
    are called in this thread. When ``stop`` is set, what has come is stored and the rest is left: it has no report.
    """
    now = clock_ms() if now_ms is None else now_ms
    by_venue: dict[str, list[Market]] = {}
    for market in markets:
        by_venue.setdefault(market.exchange, []).append(market)
    halt, events = stop or threading.Event(), _Events()
    workers = [_VenueUpdate(store, name, each, exchange_of, now, halt, events) for name, each in by_venue.items()]
    for worker in workers:
        # An answer that never comes must not keep the program from ending: whatever is stored is whole.
        threading.Thread(target=worker.run, name=f"update {worker.name}", daemon=True).start()
    try:
        done = _collect(events, len(workers), halt, on_update, on_progress)
    except BaseException:
        halt.set()
        raise
    return [done[market] for market in markets if market in done]


_Event = SeriesUpdate | FetchProgress | BaseException | None
_Events = queue.SimpleQueue[_Event]


def _collect(
    events: _Events, workers: int, stop: threading.Event, on_update: OnUpdate | None, on_progress: OnProgress | None
) -> dict[Market, SeriesUpdate]:
    """Hand on what the workers tell until all have ended, or shortly after ``stop``."""
    done: dict[Market, SeriesUpdate] = {}
    give_up: float | None = None
    while workers:
        if stop.is_set():
            give_up = monotonic_seconds() + _GRACE_S if give_up is None else give_up
            if monotonic_seconds() > give_up:
                break
        try:
            event = events.get(timeout=_LOOK_S)
        except queue.Empty:
            continue
        if event is None:
            workers -= 1
        elif isinstance(event, BaseException):
            raise event
        elif isinstance(event, SeriesUpdate):
            done[event.market] = event
            if on_update is not None:
                on_update(event)
        elif on_progress is not None:
            on_progress(event)
    return done


class _VenueUpdate:
    """The series of one venue, in a thread of their own."""

    def __init__(
        self,
        store: CandleStore,
        name: str,
        markets: Sequence[Market],
        exchange_of: Callable[[str], Exchange],
        now_ms: int,
        stop: threading.Event,
        events: _Events,
    ) -> None:
        self.name = name
        self._store, self._markets, self._exchange_of, self._now = store, markets, exchange_of, now_ms
        self._stop, self._events = stop, events

    def run(self) -> None:
        """Put a report of every series on the line, then None; an error that nobody foresaw is put there too."""
        try:
            self._update()
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits for this one
            self._events.put(error)
        finally:
            self._events.put(None)

    def _update(self) -> None:
        jobs = self._begin()
        try:
            exchange = self._exchange_of(self.name)
        except PipelineError as error:
            self._give_up(jobs, error)
            return
        trouble = self._fetch(exchange, jobs) if len(jobs) > 1 else None
        for job in jobs:
            if job.complete:
                self._events.put(job.report())
        left = [job for job in jobs if not job.complete]
        if isinstance(trouble, _VENUE_ERRORS):
            self._give_up(left, trouble)
        else:
            self._one_by_one(exchange, left)

    def _begin(self) -> list[SeriesJob]:
        """Return the jobs; a series that cannot be read is reported at once."""
        jobs = []
        for market in self._markets:
            try:
                job = SeriesJob.begin(self._store, market, self._now)
            except PipelineError as error:
                self._events.put(SeriesUpdate(market, 0, (), None, str(error)))
                continue
            if job is not None:
                jobs.append(job)
        return jobs

    def _fetch(self, exchange: Exchange, jobs: Sequence[SeriesJob]) -> PipelineError | None:
        """Fetch for ``jobs`` and return what stood in the way; after a stop nothing is begun."""
        if self._stop.is_set():
            return None
        try:
            fetch_jobs(exchange, self._store, jobs, stop=self._stop, on_progress=self._events.put)
        except PipelineError as error:
            return error
        return None

    def _one_by_one(self, exchange: Exchange, jobs: Sequence[SeriesJob]) -> None:
        """Find out which series is in trouble; a venue that does not answer is not asked for every one of them."""
        failures = 0
        for number, job in enumerate(jobs):
            trouble = self._fetch(exchange, [job])
            if trouble is None:
                failures = 0
                if job.complete:
                    self._events.put(job.report())
                continue
            self._events.put(job.report(trouble))
            failures = failures + 1 if isinstance(trouble, APIError) else 0
            if failures >= _FAILURES or isinstance(trouble, _VENUE_ERRORS):
                self._give_up(jobs[number + 1 :], trouble)
                return

    def _give_up(self, jobs: Sequence[SeriesJob], error: PipelineError) -> None:
        for job in jobs:
            self._events.put(job.report(error))
