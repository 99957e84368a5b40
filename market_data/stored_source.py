"""Candles of a real venue: from the store, made of finer stored ones, or fetched and stored."""

import threading

import numpy as np

from config.run import GapPolicy
from core.candles import Candles
from core.clock import format_utc
from core.errors import DataError, NoCandlesError
from core.market import Market
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.base import Exchange
from exchanges.calendars import calendar_of, venue_timeframe
from exchanges.span import outside
from market_data.fetching import OnProgress, fetch_missing, market_of, missing_ranges
from market_data.gaps import apply_gap_policy
from market_data.resample import resample
from market_data.store import CandleStore, Revision


def stored_candles(
    venue: Exchange,
    store: CandleStore,
    symbol: str,
    wanted: Timeframe,
    start_ms: int | None,
    end_ms: int | None,
    now_ms: int,
    *,
    gaps: GapPolicy = GapPolicy.KEEP,
    on_progress: OnProgress | None = None,
    stop: threading.Event | None = None,
) -> Candles:
    """Return the bars with ``start_ms <= open < end_ms`` on ``wanted``'s grid, or finer ones of which they can be made.

    The venue is asked only for what is not stored, and for where its bars begin when ``start_ms`` is None; also where the finer bars
    that are stored have holes which ``gaps`` forbids: its own may have none. Raises NoCandlesError for a
    range without bars, KeyboardInterrupt when ``stop`` was set before all was there, and what fetching and the store raise.
    """
    market = market_of(venue, symbol, wanted)
    last = market.timeframe.floor(now_ms)
    end = last if end_ms is None else min(end_ms, last)
    start = _beginning(venue, market) if start_ms is None else start_ms
    if start is None or start >= end:
        raise _none(store, market, start_ms, end_ms)
    stored = _stored(store, market, start, end, now_ms, gaps)
    if stored is not None:
        return stored
    source = _source(venue, market)
    report = fetch_missing(venue, store, source, start, end, now_ms=now_ms, on_progress=on_progress, stop=stop)
    if not report.complete:
        raise KeyboardInterrupt
    found = store.read(source, start, end)
    if found is None:
        raise _none(store, source, start_ms, end_ms)
    return found


def revisions_within(store: CandleStore, candles: Candles) -> tuple[Revision, ...]:
    """Return the revisions since the bars were first stored whose new values are among these: not those of an update meanwhile."""
    info = store.info(candles.market)
    return tuple(revision for revision in info.revisions if _holds(candles, revision)) if info else ()


def _holds(candles: Candles, revision: Revision) -> bool:
    """Return whether the bar that a revision changed has its new values in ``candles``."""
    at = candles.index_of(revision.open_ms)
    if at == len(candles) or candles.open_ms[at] != revision.open_ms:
        return False
    return all((values := getattr(candles, name)) is not None and values[at] == value for name, value in revision.new.items())


def _stored(store: CandleStore, market: Market, start_ms: int, end_ms: int, now_ms: int, gaps: GapPolicy) -> Candles | None:
    """Return the bars from the store when it has all of them, or else has all finer bars up to both ends of the range."""
    if not missing_ranges(store, market, start_ms, end_ms, now_ms):
        found = store.read(market, start_ms, end_ms)
        if found is None:
            raise _none(store, market, start_ms, end_ms)
        return found
    finer = [each for each in TIMEFRAMES.values() if each.ms < market.timeframe.ms and market.timeframe.ms % each.ms == 0]
    for timeframe in sorted(finer, key=lambda each: -each.ms):
        other = Market(market.exchange, market.symbol, venue_timeframe(market.exchange, timeframe))
        if not missing_ranges(store, other, start_ms, end_ms, now_ms):
            found = store.read(other, start_ms, end_ms)
            # Where they are too few, a coarse bar would be left out that the venue has.
            if found is not None and _reaches(found, start_ms, end_ms) and _makes_every_bar(found, market.timeframe, gaps):
                return found
    return None


def _reaches(candles: Candles, start_ms: int, end_ms: int) -> bool:
    """Return whether the first and the last bar in which trade is expected are there."""
    calendar = calendar_of(candles.market.exchange)
    if calendar is None:
        return int(candles.open_ms[0]) == start_ms and candles.end_ms == end_ms
    expected = calendar.expected_opens(candles.timeframe, start_ms, end_ms)
    return len(expected) > 0 and bool(candles.open_ms[0] <= expected[0] and expected[-1] <= candles.open_ms[-1])


def _makes_every_bar(candles: Candles, timeframe: Timeframe, gaps: GapPolicy) -> bool:
    """Return whether ``gaps`` allows the holes, and no bar of ``timeframe`` in which there was trade is left out for them."""
    if candles.end_ms - int(candles.open_ms[0]) == len(candles) * candles.timeframe.ms:
        return True
    traded = np.unique((candles.open_ms - timeframe.offset_ms) // timeframe.ms)
    try:
        apply_gap_policy(candles, gaps)
        return len(resample(candles, timeframe)) == len(traded)
    except DataError:
        return False


def _source(venue: Exchange, market: Market) -> Market:
    """Return the market to fetch for bars of ``market``: itself, or a finer one of the venue's own."""
    return market_of(venue, market.symbol, venue.source_timeframe(market.symbol, market.timeframe))


def _beginning(venue: Exchange, market: Market) -> int | None:
    """Return the first open of a whole bar that the venue has; None when it has no bars."""
    source, wanted = _source(venue, market), market.timeframe
    span = venue.available_span(source.symbol, source.timeframe)
    return None if span is None else wanted.floor(span[0] + wanted.ms - 1)


def _none(store: CandleStore, market: Market, start_ms: int | None, end_ms: int | None) -> NoCandlesError:
    info = store.info(market)
    if info and info.span:
        return outside(str(market), start_ms, end_ms, info.span)
    asked = "" if start_ms is None else f" from {format_utc(start_ms)}"
    asked += "" if end_ms is None else f" to {format_utc(end_ms)}"
    return NoCandlesError(f"{market}: the venue has no closed bars{asked} UTC. Choose other dates, another symbol or another timeframe.")
