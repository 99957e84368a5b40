"""Getting what the store does not have yet: only ranges for which nobody asked, and every answer stored before the next question."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.candles import Candles
from core.clock import now_ms as clock_ms
from core.errors import NoCandlesError
from core.market import Market
from core.timeframe import DAY_MS, Timeframe
from exchanges.base import Exchange
from exchanges.calendars import venue_timeframe
from exchanges.paging import Columns
from exchanges.parallel import Part, SeriesRange, download
from exchanges.rest_exchange import RestExchange
from market_data.store import CandleStore, Revision
from market_data.store.intervals import Interval, Intervals

# What a venue does not show of the last days may still come: brokers deliver late, and an outage ends.
SETTLED_AFTER_MS = 3 * DAY_MS
# Exchanges without pages are asked for this many bars at a time.
BATCH_BARS = 1_000
# From so many pages on they are asked for side by side, and the venue's archive where it has one.
_PARALLEL_FROM_PAGES = 8

OnPart = Callable[[Part], None]


@runtime_checkable
class PagedExchange(Protocol):
    """An exchange that hands over one request's answer after another; see ``RestExchange``."""

    def spelling(self, symbol: str) -> str: ...

    def fetch_pages(
        self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None
    ) -> Iterator[tuple[int, int, Columns]]: ...


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What a fetch did: the ranges that were missing, how many bars are new, and which stored bars the venue has changed."""

    missing: Intervals
    added: int
    revisions: tuple[Revision, ...]


def market_of(exchange: Exchange, symbol: str, timeframe: Timeframe) -> Market:
    """Return the market under which bars of ``exchange`` are stored: the venue's spelling, and its grid."""
    spelled = exchange.spelling(symbol) if isinstance(exchange, PagedExchange) else symbol
    return Market(exchange.name, spelled, venue_timeframe(exchange.name, timeframe))


def fetch_missing(
    exchange: Exchange,
    store: CandleStore,
    market: Market,
    start_ms: int,
    end_ms: int,
    *,
    now_ms: int | None = None,
    again: bool = False,
    on_part: OnPart | None = None,
) -> FetchReport:
    """Store the bars with ``start_ms <= open < end_ms`` that are not stored, oldest first, and return what came.

    ``market`` is one of ``market_of``, on a timeframe of the exchange's own. Every page is stored before the next one is used, so an
    interruption loses no more than one. An answer without bars counts as one, but for the last three days: bars that are late are asked
    for again. ``again`` asks for the whole range, and so finds what the venue has revised. ``on_part`` sees every answer once it is
    stored. Raises what the exchange and the store raise.
    """
    now = clock_ms() if now_ms is None else now_ms
    end = min(end_ms, market.timeframe.floor(now))
    whole = ((start_ms, end),) if again and start_ms < end else ()
    missing = whole or (store.missing(market, start_ms, end) if start_ms < end else ())
    saver = _Saver(store, market, now, on_part)
    for span in missing:
        _fetch_range(exchange, market, span, saver)
        saver.finish(span)
    return FetchReport(missing, saver.added, tuple(saver.revisions))


def update_series(exchange: Exchange, store: CandleStore, market: Market, *, now_ms: int | None = None) -> FetchReport:
    """Bring a stored series up to now, and close what is missing since its beginning; nothing is done for a series without bars."""
    info = store.info(market)
    if info is None or info.span is None:
        return FetchReport((), 0, ())
    now = clock_ms() if now_ms is None else now_ms
    return fetch_missing(exchange, store, market, info.span[0], now, now_ms=now)


class _Saver:
    """Stores answers, and remembers for which time there was one."""

    def __init__(self, store: CandleStore, market: Market, now_ms: int, on_part: OnPart | None) -> None:
        self._store, self._market, self._on_part = store, market, on_part
        self._settled_ms = now_ms - SETTLED_AFTER_MS
        self._first_asked_ms: int | None = None
        self.added = 0
        self.revisions: list[Revision] = []

    def save(self, part: Part) -> None:
        """Store one answer; the time after its last bar is remembered as empty only when that lies some days back."""
        known_ms = part.start_ms if part.candles is None else part.candles.end_ms
        until = self._market.timeframe.floor(min(part.end_ms, max(self._settled_ms, known_ms)))
        covered = (part.start_ms, until) if until > part.start_ms else None
        if covered or part.candles is not None:
            # The file of an archive is not named: the store must not show which way equal bars came.
            source = "rest" if part.source == "rest" else "archive"
            report = self._store.merge(self._market, part.candles, source=source, covered=covered)
            self.added += report.added
            self.revisions += report.revisions
        if self._first_asked_ms is None:
            self._first_asked_ms = part.start_ms
        if self._on_part is not None:
            self._on_part(part)

    def finish(self, span: Interval) -> None:
        """Remember that there is nothing before the venue's first bar, where the exchange knew that and began there."""
        begun, self._first_asked_ms = self._first_asked_ms, None
        info = self._store.info(self._market)
        until = span[1] if begun is None else begun
        if info and info.span and span[0] < until <= min(self._settled_ms, info.span[1]):
            self._store.merge(self._market, None, source="rest", covered=(span[0], until))


def _fetch_range(exchange: Exchange, market: Market, span: Interval, saver: _Saver) -> None:
    """Hand every answer for ``span`` to ``saver``, oldest first."""
    if isinstance(exchange, RestExchange) and exchange.facts.public:
        pages = (span[1] - span[0]) / (exchange.facts.page_bars * market.timeframe.ms)
        if pages >= _PARALLEL_FROM_PAGES:
            download(exchange, [SeriesRange(market.symbol, market.timeframe, *span)], saver.save)
            return
    parts = _pages(exchange, market, span) if isinstance(exchange, PagedExchange) else _batches(exchange, market, span)
    for part in parts:
        saver.save(part)


def _pages(exchange: PagedExchange, market: Market, span: Interval) -> Iterator[Part]:
    has_volume = bool(getattr(exchange, "has_volume", True))
    for start, end, columns in exchange.fetch_pages(market.symbol, market.timeframe, *span):
        found = len(columns["timestamp"]) > 0
        candles = Candles.from_arrays(market, columns, has_volume=has_volume) if found else None
        yield Part(market, start, end, candles, "rest")


def _batches(exchange: Exchange, market: Market, span: Interval) -> Iterator[Part]:
    length = BATCH_BARS * market.timeframe.ms
    for start in range(span[0], span[1], length):
        end = min(start + length, span[1])
        try:
            candles = exchange.fetch(market.symbol, market.timeframe, start, end)
        except NoCandlesError:
            candles = None
        yield Part(market, start, end, candles, "rest")
