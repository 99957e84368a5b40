"""The update of one stored series: what to ask for, and what became of it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import PipelineError
from core.market import Market
from exchanges.base import Exchange
from market_data.fetching import OnProgress, Wanted, fetch_series
from market_data.store import CandleStore, Revision, SeriesInfo

# So many stored bars are asked for once more: venues correct what closed lately, and the request for new bars has room for them.
RECHECKED_BARS = 100


@dataclass(frozen=True, slots=True)
class SeriesUpdate:
    """What an update did to a series: bars that are new, closed bars that the venue has changed, and the close of its last bar.

    ``trouble`` says what kept it from being brought up to date, "" when nothing did.
    """

    market: Market
    added: int
    revisions: tuple[Revision, ...]
    end_ms: int | None
    trouble: str = ""


@dataclass(slots=True)
class SeriesJob:
    """A series that is to be brought up to ``now_ms``; ``complete`` once it is."""

    store: CandleStore
    before: SeriesInfo
    now_ms: int
    complete: bool = field(default=False)

    @classmethod
    def begin(cls, store: CandleStore, market: Market, now_ms: int) -> "SeriesJob | None":
        """Return the job for ``market``; None when nothing is stored of it. CorruptFileError for a series that cannot be read."""
        info = store.info(market)
        return None if info is None else cls(store, info, now_ms, complete=info.span is None)

    @property
    def market(self) -> Market:
        return self.before.market

    @property
    def news(self) -> Wanted:
        """What is new, and the last stored bars before it."""
        return Wanted(self.market, self._recheck_ms, self.now_ms)

    @property
    def past(self) -> Wanted:
        """All that is stored before ``news``; holes in it for which nobody asked yet are to be closed."""
        return Wanted(self.market, self.before.span[0] if self.before.span else 0, self._recheck_ms)

    @property
    def _recheck_ms(self) -> int:
        first, end = self.before.span or (0, 0)
        return max(first, end - RECHECKED_BARS * self.market.timeframe.ms)

    def report(self, trouble: PipelineError | None = None) -> SeriesUpdate:
        """Return what was done, told by what is stored now, whatever way it came."""
        try:
            after = self.store.info(self.market) or self.before
        except PipelineError as error:
            return SeriesUpdate(self.market, 0, (), None, str(trouble or error))
        changed = after.revised - self.before.revised
        revisions = after.revisions[-changed:] if changed > 0 else ()
        end_ms = None if after.span is None else after.span[1]
        return SeriesUpdate(self.market, max(after.rows - self.before.rows, 0), revisions, end_ms, "" if trouble is None else str(trouble))


def fetch_jobs(
    exchange: Exchange,
    store: CandleStore,
    jobs: Sequence[SeriesJob],
    *,
    stop: threading.Event | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Fetch what is new for ``jobs`` and check their last bars, then close holes of their past; marks those that are complete.

    Raises what fetching raises; whatever came before is stored.
    """
    jobs = [job for job in jobs if not job.complete]
    if not jobs:
        return
    now_ms = jobs[0].now_ms
    news = fetch_series(
        exchange, store, [job.news for job in jobs], now_ms=now_ms, again=True, stop=stop, on_progress=on_progress
    )  # fmt: skip
    past = fetch_series(exchange, store, [job.past for job in jobs], now_ms=now_ms, stop=stop, on_progress=on_progress)
    for job, new, old in zip(jobs, news, past, strict=True):
        job.complete = new.complete and old.complete
