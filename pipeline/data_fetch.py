"""``data fetch``: candles of several symbols and timeframes, only what is missing, with nothing lost on the way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.clock import now_ms
from core.errors import APIError, ConfigError, NoCandlesError, PipelineError
from core.market import Market
from core.timeframe import DAY_MS
from exchanges.base import Exchange
from exchanges.calendars import venue_timeframe
from exchanges.manager import ExchangeManager
from market_data import find_holes
from market_data.fetching import FetchReport, Wanted, fetch_series, market_of
from market_data.loading import UNSTORED
from market_data.store.revisions import describe
from pipeline.data_rows import holes_in, span_of
from pipeline.data_session import DataSession
from pipeline.fetch_view import Tally, fetch_progress
from pipeline.progress import progress_on
from pipeline.tables import TableData, cell

DEFAULT_DAYS = 365


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """What to fetch: every symbol on every timeframe, bars with ``start_ms <= open < end_ms``.

    ``end_ms`` None is now; ``start_ms`` None is 365 days before the end, or the venue's first bar when ``whole``. ``command`` is what
    fetches the rest after an interruption.
    """

    exchange: str
    symbols: tuple[str, ...]
    timeframes: tuple[str, ...]
    start_ms: int | None
    end_ms: int | None
    whole: bool
    command: str


def fetch_candles(session: DataSession, order: FetchOrder) -> bool:
    """Fetch, store and show; return whether there are bars of every series. Raises what fetching and the store raise."""
    exchange = stored_venue(session, order.exchange)
    tally = Tally()
    session.interrupts.farewell = lambda: f"Interrupted. {_stored(tally)} Continue with: {order.command}"
    wanted = _wanted(session, exchange, order)
    try:
        with progress_on(session.screen) as report, session.interrupts.gently() as stop:
            reports = fetch_series(
                exchange, session.store, wanted, on_part=tally.take, on_progress=fetch_progress(report, "candles"), stop=stop
            )
    except PipelineError as error:
        if tally.total or isinstance(error, APIError):
            session.screen.warning(f"the fetch stopped. {_stored(tally)} Continue with: {order.command}")
        raise
    return _show(session, wanted, reports, tally)


def stored_venue(session: DataSession, name: str) -> Exchange:
    """Return the exchange called ``name``; ConfigError for one whose candles are not stored."""
    exchange = ExchangeManager().get(name, session.paths)
    if exchange.name in UNSTORED:
        raise ConfigError(f"{exchange.name} is no venue: its candles are on this machine already, and none of them are stored.")
    return exchange


def _stored(tally: Tally) -> str:
    count, series = tally.total, len(tally.bars)
    return f"Stored so far: {count:,} candles of {series:,} series." if count else "Nothing was fetched yet."


def _wanted(session: DataSession, exchange: Exchange, order: FetchOrder) -> list[Wanted]:
    """Return each series once, on the timeframe that the venue has."""
    end = now_ms() if order.end_ms is None else order.end_ms
    wanted: dict[Market, Wanted] = {}
    for symbol in order.symbols:
        for name in order.timeframes:
            asked = venue_timeframe(exchange.name, name)
            market = market_of(exchange, symbol, exchange.source_timeframe(symbol, asked))
            if market.timeframe != asked:
                session.screen.line(f"{exchange.name} has no {asked} candles: {market.timeframe} is stored, {asked} is made of it.")
            wanted[market] = Wanted(market, _start(exchange, market, order, end), end)
    return list(wanted.values())


def _start(exchange: Exchange, market: Market, order: FetchOrder, end_ms: int) -> int:
    if not order.whole:
        return end_ms // DAY_MS * DAY_MS - DEFAULT_DAYS * DAY_MS if order.start_ms is None else order.start_ms
    span = exchange.available_span(market.symbol, market.timeframe)
    if span is None:
        raise NoCandlesError(f"{market}: the venue does not say where its bars begin, or has none. Name the first day with --from.")
    return span[0]


def _show(session: DataSession, wanted: Sequence[Wanted], reports: Iterable[FetchReport], tally: Tally) -> bool:
    rows, empty = [], []
    for each, report in zip(wanted, reports, strict=True):
        candles = session.store.read(each.market, each.start_ms, each.end_ms)
        bars = 0 if candles is None else len(candles)
        holes = holes_in([] if candles is None else find_holes(candles))
        series = f"{each.market.symbol} {each.market.timeframe}"
        rows.append((series, cell(bars), *span_of(candles), cell(report.added), tally.sources(each.market), holes))
        if report.revisions:
            session.screen.warning(f"{each.market}: {describe(report.revisions)}. The new values are used.")
        if candles is None:
            empty.append(str(each.market))
    heads = ("series", "bars", "from (UTC)", "to (UTC)", "new", "fetched from", "holes")
    session.screen.table(TableData(f"{wanted[0].market.exchange} candles", heads, tuple(rows), (0, 2, 3, 5, 6)))
    if empty:
        session.screen.bad(f"no bars in these dates: {', '.join(empty)}. Choose earlier dates with --from, or --all.")
        return False
    fetched = f"{tally.total:,} candles fetched" if tally.bars else "nothing was missing"
    session.screen.good(f"{len(wanted):,} series up to date: {fetched}.")
    return True
