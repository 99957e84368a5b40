"""Getting what the store does not have yet: only ranges for which nobody asked, and every answer stored before the next question."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from core.candles import Candles
from core.clock import now_ms as clock_ms
from core.errors import NoCandlesError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.base import Exchange
from exchanges.calendars import calendar_of, venue_timeframe
from exchanges.paging import Columns
from exchanges.parallel import Part, SeriesRange, download
from exchanges.rest_exchange import RestExchange
from market_data.fetch_progress import FetchProgress, Meter, OnProgress
from market_data.fetch_saving import SETTLED_AFTER_MS, FetchReport, OnPart, Saver
from market_data.store import CandleStore
from market_data.store.intervals import Interval, Intervals

__all__ = [
    "BATCH_BARS", "SETTLED_AFTER_MS", "FetchProgress", "FetchReport", "OnPart", "OnProgress", "Wanted",
    "fetch_missing", "fetch_series", "market_of", "missing_ranges", "update_series",
]  # fmt: skip

# Exchanges without pages are asked for this many bars at a time.
BATCH_BARS = 1_000
# So many holes of the last days are asked for one by one.
_MOST_RECENT_HOLES = 10
# From so many pages on they are asked for side by side, and the venue's archive where it has one.
_PARALLEL_FROM_PAGES = 8


@runtime_checkable
class PagedExchange(Protocol):
    """An exchange that hands over one request's answer after another; see ``RestExchange``."""

    def spelling(self, symbol: str) -> str: ...

    def fetch_pages(
        self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None
    ) -> Iterator[tuple[int, int, Columns]]: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """The bars of ``market`` (one of ``market_of``, on a timeframe of the exchange's own) with ``start_ms <= open < end_ms``."""

    market: Market
    start_ms: int
    end_ms: int


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
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> FetchReport:
    """Store the bars of one market that are not stored; see ``fetch_series``."""
    wanted = [Wanted(market, start_ms, end_ms)]
    reports = fetch_series(exchange, store, wanted, now_ms=now_ms, again=again, on_part=on_part, on_progress=on_progress, stop=stop)
    return reports[0]


def fetch_series(
    exchange: Exchange,
    store: CandleStore,
    wanted: Sequence[Wanted],
    *,
    now_ms: int | None = None,
    again: bool = False,
    on_part: OnPart | None = None,
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> tuple[FetchReport, ...]:
    """Store the bars of every market (each named once) that are not stored, oldest first, and return what came, in the same order.

    Every answer is stored before the next one is used, so an interruption loses no more than one; where the venue allows it, all
    markets are downloaded side by side. Where an answer has no bars there are none, but for the last three days: bars that are late are
    asked for again. ``again`` asks for the whole ranges, and so finds what the venue has revised. ``on_part`` sees every answer once it is
    stored, ``on_progress`` is told how far all of it is. When ``stop`` is set the rest is left, and whatever came is stored: then nothing
    at all is lost. Raises what the exchange and the store raise.
    """
    now = clock_ms() if now_ms is None else now_ms
    savers = [Saver(store, each.market, _missing(store, each, now, again=again), now, on_part) for each in wanted]
    meter = Meter(on_progress, [(saver.market, span) for saver in savers for span in saver.spans])
    if isinstance(exchange, RestExchange) and _is_worth_downloading(exchange, savers):
        _side_by_side(exchange, savers, meter, stop)
    else:
        _one_by_one(exchange, savers, meter, stop)
    return tuple(saver.report() for saver in savers)


def update_series(
    exchange: Exchange,
    store: CandleStore,
    market: Market,
    *,
    now_ms: int | None = None,
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> FetchReport:
    """Bring a stored series up to now, and close what is missing since its beginning; nothing is done for a series without bars."""
    info = store.info(market)
    if info is None or info.span is None:
        return FetchReport((), 0, ())
    now = clock_ms() if now_ms is None else now_ms
    return fetch_missing(exchange, store, market, info.span[0], now, now_ms=now, on_progress=on_progress, stop=stop)


def missing_ranges(store: CandleStore, market: Market, start_ms: int, end_ms: int, now_ms: int) -> Intervals:
    """Return the parts of the range that are worth asking for: what is not stored, but for nights of the last days."""
    settled_ms = now_ms - SETTLED_AFTER_MS
    return tuple(each for each in store.missing(market, start_ms, end_ms) if not _is_a_night(market, each, settled_ms, end_ms))


def _missing(store: CandleStore, wanted: Wanted, now_ms: int, *, again: bool) -> Intervals:
    market, start, end = wanted.market, wanted.start_ms, min(wanted.end_ms, wanted.market.timeframe.floor(now_ms))
    if start >= end:
        return ()
    if again:
        return ((start, end),)
    return _fewer(missing_ranges(store, market, start, end, now_ms), now_ms - SETTLED_AFTER_MS, BATCH_BARS * market.timeframe.ms)


def _is_a_night(market: Market, hole: Interval, settled_ms: int, end_ms: int) -> bool:
    """Return whether ``hole`` is time at which the venue was closed, not all of it days ago, and not the end of the range."""
    calendar = calendar_of(market.exchange)
    between = settled_ms < hole[1] < end_ms
    return between and calendar is not None and not len(calendar.expected_opens(market.timeframe, *hole))


def _fewer(missing: Intervals, settled_ms: int, apart_ms: int) -> Intervals:
    """Return ``missing`` with its ranges of the last days joined, when they are many, where less than ``apart_ms`` lies between them.

    Bars without trades are asked for until they are settled: by one request for many, though what lies between comes again.
    """
    if sum(start >= settled_ms for start, _end in missing) <= _MOST_RECENT_HOLES:
        return missing
    joined: list[Interval] = []
    for start, end in missing:
        if joined and joined[-1][0] >= settled_ms and start - joined[-1][1] < apart_ms:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def _is_worth_downloading(exchange: RestExchange, savers: Sequence[Saver]) -> bool:
    """Return whether a venue that allows it is asked side by side: for a few pages that is not worth the connections."""
    page_bars, allowed = exchange.facts.page_bars, exchange.facts.public and exchange.facts.parallel
    pages = sum(-(-(end - start) // (page_bars * saver.market.timeframe.ms)) for saver in savers for start, end in saver.spans)
    return allowed and pages >= _PARALLEL_FROM_PAGES


def _side_by_side(exchange: RestExchange, savers: Sequence[Saver], meter: Meter, stop: threading.Event | None) -> None:
    by_market = {saver.market: saver for saver in savers}
    ranges = [SeriesRange(saver.market.symbol, saver.market.timeframe, *span) for saver in savers for span in saver.spans]
    on_progress = meter.of_download(exchange)
    if download(exchange, ranges, lambda part: by_market[part.market].save(part), on_progress=on_progress, stop=stop):
        for saver in savers:
            for span in saver.spans:
                saver.finish(span)


def _one_by_one(exchange: Exchange, savers: Sequence[Saver], meter: Meter, stop: threading.Event | None) -> None:
    for saver in savers:
        for span in saver.spans:
            for part in _parts(exchange, saver.market, span):
                saver.save(part)
                meter.take((saver.market, span), part)
                if stop is not None and stop.is_set() and part.end_ms < span[1]:
                    return
            saver.finish(span)
            meter.finish((saver.market, span))
            if stop is not None and stop.is_set():
                return


def _parts(exchange: Exchange, market: Market, span: Interval) -> Iterator[Part]:
    """Yield every answer for ``span``, oldest first."""
    return _pages(exchange, market, span) if isinstance(exchange, PagedExchange) else _batches(exchange, market, span)


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
