"""Candles as they close: printed, stored, none missed and none twice, over every break of the connection."""

import threading

from core.candles import Candles
from core.clock import format_utc, now_ms
from core.errors import ConfigError
from core.market import Market
from exchanges.calendars import venue_timeframe
from exchanges.parallel import Part
from exchanges.rest_exchange import RestExchange
from exchanges.stream import STREAMS, Backfill, Bar, StreamSettings, candles_of, rest_backfill, watch_candles
from market_data.fetch_saving import Saver
from market_data.fetching import market_of
from market_data.series_update import SeriesJob, fetch_jobs
from pipeline.bar_lines import BarLines
from pipeline.data_fetch import stored_venue
from pipeline.data_session import DataSession
from pipeline.fetch_view import fetch_progress
from pipeline.program import command_to
from pipeline.progress import progress_on


def watch_series(
    session: DataSession, exchange_name: str, symbol: str, timeframe: str, *, settings: StreamSettings | None = None
) -> None:  # fmt: skip
    """Bring the stored series up to now, then print and store every candle as it closes: ends by a signal.

    Raises ConfigError for a venue or timeframe without live candles and an unknown symbol; and what fetching, the stream and the store
    raise.
    """
    exchange, market = _live_market(session, exchange_name, symbol, timeframe)
    keeper = _Keeper(session, exchange, market)
    session.interrupts.farewell = keeper.farewell
    with session.interrupts.gently() as stop:
        keeper.catch_up(stop)
        if not stop.is_set():
            keeper.follow(stop, settings)


def _live_market(session: DataSession, exchange_name: str, symbol: str, timeframe_name: str) -> tuple[RestExchange, Market]:
    """Return the exchange and the series, after every check that can be made before connecting."""
    exchange = stored_venue(session, exchange_name)
    if exchange.name not in STREAMS or not isinstance(exchange, RestExchange):
        instead = command_to("data", "schedule", "--every", "5m", "--exchange", exchange.name)
        raise ConfigError(
            f"{exchange.name} has no live candles here; {', '.join(STREAMS)} have. Its stored series are kept up by: {instead}"
        )
    exchange.symbol_facts(symbol)
    timeframe = venue_timeframe(exchange.name, timeframe_name)
    if exchange.source_timeframe(symbol, timeframe) != timeframe:
        raise ConfigError(f"{exchange.name} has no live {timeframe} candles. It has {', '.join(exchange.facts.timeframes)}.")
    return exchange, market_of(exchange, symbol, timeframe)


class _Keeper:
    """Stores what comes of one series and prints it."""

    def __init__(self, session: DataSession, exchange: RestExchange, market: Market) -> None:
        self._session, self._exchange, self._market = session, exchange, market
        self._saver = Saver(session.store, market, (), now_ms(), None)
        self._lines = BarLines(exchange.market_rules(market.symbol).price_step)
        self._stored_until = -1
        self._came = 0

    def farewell(self) -> str:
        """Return how many candles came; all of them are stored."""
        info = self._session.store.info(self._market)
        stored = f" {self._market} is stored up to {format_utc(info.span[1])} UTC." if info and info.span else ""
        came = "no candle closed meanwhile" if not self._came else f"{self._came:,} candle{'' if self._came == 1 else 's'} came and stored"
        return f"Interrupted: {came}.{stored}"

    def catch_up(self, stop: threading.Event) -> None:
        """Fetch what closed since the last stored candle."""
        screen, store = self._session.screen, self._session.store
        job = SeriesJob.begin(store, self._market, now_ms())
        if job is None or job.complete:
            screen.line(f"{self._market}: nothing is stored yet, so it begins now. 'data fetch' gets the past.")
            return
        with progress_on(screen) as report:
            fetch_jobs(self._exchange, store, [job], stop=stop, on_progress=fetch_progress(report, "candles"))
        update = job.report()
        end = f", up to {format_utc(update.end_ms)} UTC" if update.end_ms else ""
        screen.line(f"{self._market}: {update.added:,} candle{'' if update.added == 1 else 's'} caught up{end}.")

    def follow(self, stop: threading.Event, settings: StreamSettings | None) -> None:
        """Print and store candles until ``stop`` is set."""
        info = self._session.store.info(self._market)
        end_ms = None if info is None or info.span is None else info.span[1]
        if end_ms is not None:
            last = self._session.store.read(self._market, end_ms - self._market.timeframe.ms)
            self._lines.previous = None if last is None else float(last.close[-1])
        self._session.screen.line(self._lines.heads)
        watch_candles(
            self._exchange.name, self._market.symbol, self._market.timeframe, self._take,
            backfill=self._kept(rest_backfill(self._exchange, self._market.symbol, self._market.timeframe)),
            stop=stop, next_open_ms=end_ms, settings=settings,
        )  # fmt: skip

    def _kept(self, backfill: Backfill) -> Backfill:
        """Return a back-fill that stores what it found at once: candle by candle would take long after a long break."""

        def kept(start_ms: int, end_ms: int) -> Candles | None:
            found = backfill(start_ms, end_ms)
            if found is not None:
                self._save(found)
            return found

        return kept

    def _take(self, bar: Bar) -> None:
        if bar.open_ms >= self._stored_until:
            self._save(candles_of(self._market, [bar], has_volume=self._exchange.has_volume))
        self._came += 1
        self._session.screen.line(self._lines.line(bar))

    def _save(self, candles: Candles) -> None:
        # Live bars are what REST gives a moment later; the store does not tell equal bars apart by the way they came.
        self._saver.save(Part(self._market, int(candles.open_ms[0]), candles.end_ms, candles, "rest"))
        self._stored_until = max(self._stored_until, candles.end_ms)
