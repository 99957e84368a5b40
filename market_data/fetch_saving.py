"""Storing what comes of a series while it is fetched, and remembering for which time there was an answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.candles import Candles
from core.market import Market
from core.timeframe import DAY_MS
from exchanges.parallel import Part
from market_data.column_kinds import fitting, stored_columns
from market_data.store import CandleStore, Revision
from market_data.store.intervals import Interval, Intervals

# What a venue does not show of the last days may still come: brokers deliver late, and an outage ends.
SETTLED_AFTER_MS = 3 * DAY_MS

OnPart = Callable[[Part], None]


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch did: the ranges that were missing, how many bars are new, and which stored bars the venue has changed.

    ``complete`` is False when it was stopped before all of ``missing`` was there.
    """

    missing: Intervals
    added: int
    revisions: tuple[Revision, ...]
    complete: bool = True


class Saver:
    """Stores the answers for the missing ``spans`` of one market."""

    def __init__(self, store: CandleStore, market: Market, spans: Sequence[Interval], now_ms: int, on_part: OnPart | None) -> None:
        self.market, self.spans = market, tuple(spans)
        self._store, self._on_part = store, on_part
        self._settled_ms = now_ms - SETTLED_AFTER_MS
        self._begun_at: dict[Interval, int] = {}
        self._finished: set[Interval] = set()
        self._columns: tuple[str, ...] = ()
        self._added = 0
        self._revisions: list[Revision] = []

    def save(self, part: Part) -> None:
        """Store one answer; time without bars, between them too, is remembered as empty only when it lies some days back."""
        until = self.market.timeframe.floor(min(part.end_ms, self._settled_ms))
        covered = (part.start_ms, until) if until > part.start_ms else None
        if covered or part.candles is not None:
            # The manifest names kinds of sources only: how a history was cut into files must not show in it. Those are recorded beside it.
            source, origin = ("rest", None) if part.source == "rest" else ("archive", part.source)
            report = self._store.merge(self.market, self._fitting(part.candles), source=source, covered=covered, origin=origin)
            self._added += report.added
            self._revisions += report.revisions
        for span in self.spans:
            if span[0] <= part.start_ms < span[1]:
                self._begun_at.setdefault(span, part.start_ms)
        if self._on_part is not None:
            self._on_part(part)

    def finish(self, span: Interval) -> None:
        """Take note that all of ``span`` is there, and that nothing is before where the exchange knew that its bars begin."""
        self._finished.add(span)
        info = self._store.info(self.market)
        until = self._begun_at.get(span, span[1])
        if info and info.span and span[0] < until <= min(self._settled_ms, info.span[1]):
            self._store.merge(self.market, None, source="rest", covered=(span[0], until))

    def report(self) -> FetchReport:
        """Return what was done so far."""
        return FetchReport(self.spans, self._added, tuple(self._revisions), self._finished.issuperset(self.spans))

    def _fitting(self, candles: Candles | None) -> Candles | None:
        """Return ``candles`` without a quote volume where the series was begun without one, by a file that was imported."""
        if candles is None:
            return None
        self._columns = self._columns or stored_columns(self._store, self.market)
        return fitting(candles, self._columns)
