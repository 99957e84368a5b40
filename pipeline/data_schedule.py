"""A daemon that keeps the candle store up to date, round after round, until it is told to stop."""

import logging
import threading
from collections.abc import Sequence
from datetime import UTC

from apscheduler.events import EVENT_JOB_MAX_INSTANCES
from apscheduler.schedulers.background import BackgroundScheduler

from core.clock import format_utc, now_ms
from core.errors import PipelineError
from core.market import Market
from pipeline.data_session import DataSession
from pipeline.data_update import Round, update_store
from pipeline.sole_process import sole_process
from pipeline.update_clock import RoundTrigger, next_round_ms, period_text

_LOG = logging.getLogger(__name__)
# The scheduler sleeps by a clock that stands still while the machine does: it is asked to look at the time of day again.
_LOOK_S = 30.0
# A round that was told to stop ends in about two seconds, whatever a venue does.
_PATIENCE_S = 3.0


def keep_updated(session: DataSession, period_ms: int, exchange: str | None) -> None:
    """Update at once and then after every full period, for ever: ends by a signal, as KeyboardInterrupt or Terminated.

    ``exchange`` None is all. A round that fails is told in its line, and the next one tries again. Raises LockedError when another process
    does the same on this data folder.
    """
    with sole_process(session.paths.schedule_lock, "'data schedule'"):
        session.screen.line(f"Updating {exchange or 'all stored series'} every {period_text(period_ms)}. Ctrl-C ends it.")
        rounds = _Rounds(session, period_ms, exchange)
        session.interrupts.farewell = rounds.farewell
        with session.interrupts.gently() as stop:
            rounds.go_on_until(stop)


class _Rounds:
    """The rounds of one daemon. One is made at a time; a signal ends the one at work with everything stored that came."""

    def __init__(self, session: DataSession, period_ms: int, exchange: str | None) -> None:
        self._session, self._period_ms, self._exchange = session, period_ms, exchange
        self._at_work = threading.Lock()
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._count = self._added = self._revised = 0

    def farewell(self) -> str:
        """Return what the daemon has done so far."""
        revised = f", {self._revised:,} revised" if self._revised else ""
        rounds = f"{self._count:,} round{'' if self._count == 1 else 's'}"
        return f"Stopped after {rounds}: {self._added:,} new bars{revised}. Everything that came is stored."

    def go_on_until(self, stop: threading.Event) -> None:
        """Make rounds until ``stop`` is set."""
        self._stop = stop
        # All in UTC: the library would else ask the machine for its zone, and cross its changes of the clock.
        scheduler = BackgroundScheduler(timezone=UTC, logger=_LOG)
        scheduler.add_listener(lambda _event: self._say_late(), EVENT_JOB_MAX_INSTANCES)
        scheduler.add_job(
            self._round, RoundTrigger(self._period_ms), id="update", coalesce=True, max_instances=1, misfire_grace_time=None
        )  # fmt: skip
        scheduler.start()
        try:
            while not stop.wait(_LOOK_S):
                scheduler.wakeup()
        finally:
            stop.set()
            scheduler.shutdown(wait=False)
            if self._at_work.acquire(timeout=_PATIENCE_S):
                self._at_work.release()
        if self._error is not None:
            raise self._error

    def _round(self) -> None:
        with self._at_work:
            if self._stop.is_set():
                return
            try:
                self._update()
            except BaseException as error:  # noqa: BLE001 - nobody looks at this thread: the main one raises it again
                self._error = error
                self._stop.set()

    def _update(self) -> None:
        began_ms = now_ms()
        try:
            done = update_store(self._session, self._markets, stop=self._stop)
        except PipelineError as error:
            _LOG.error("the round failed: %s", error, exc_info=error)
            text = f"failed: {error}"
        else:
            text = _told(done)
            self._added, self._revised = self._added + done.added, self._revised + done.revised
        self._count += 1
        self._session.screen.line(f"{format_utc(began_ms // 1000 * 1000)} UTC  {text}{self._then()}")

    def _markets(self) -> Sequence[Market]:
        wanted = self._exchange
        return [market for market in self._session.content().markets if wanted in (None, market.exchange)]

    def _then(self) -> str:
        if self._stop.is_set():
            return " Stopped."
        return f" Next {format_utc(next_round_ms(now_ms(), self._period_ms))}."

    def _say_late(self) -> None:
        self._session.screen.line(f"{format_utc(now_ms() // 1000 * 1000)} UTC  this round is left out: the one before is still at work.")


def _told(done: Round) -> str:
    """Return a round in one line."""
    if not done.wanted:
        return "nothing is stored: 'data fetch' gets candles."
    parts = [f"{len(done.wanted):,} series", f"{done.added:,} new bars"]
    parts += [f"{done.revised:,} revised"] if done.revised else []
    troubles = [f"{series}: {trouble.rstrip('.')}" for series, trouble in done.troubles]
    failed = sum(bool(update.trouble) for update in done.updates)
    return f"{', '.join(parts)}." + (f" {failed:,} failed: {'; '.join(troubles)}." if troubles else "")
