"""Live candles: every bar of a market as it closes, once and in order, whatever happens to the connection."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, Callable

from core.candles import Candles
from core.clock import format_utc
from core.errors import APIError
from core.market import Market
from core.timeframe import Timeframe
from exchanges.rest_exchange import RestExchange
from exchanges.stream_bars import Bar, BarOrder, Update, bars_of, candles_of
from exchanges.stream_facts import STREAMS, StreamFacts, host_of, stream_facts
from exchanges.stream_session import SessionOver, StreamSession, StreamSettings

__all__ = ["STREAMS", "Backfill", "Bar", "StreamSettings", "bars_of", "candles_of", "rest_backfill", "stream_candles", "watch_candles"]

# Closed bars with start_ms <= open < end_ms from REST, None when there are none; called in a thread of its own.
Backfill = Callable[[int, int], Candles | None]

_LOG = logging.getLogger(__name__)
_STOP_LOOK_S = 0.05


def rest_backfill(exchange: RestExchange, symbol: str, timeframe: str | Timeframe) -> Backfill:
    """Return a back-fill that asks ``exchange`` itself; no bars is an answer."""
    market = Market(exchange.name, exchange.spelling(symbol), Timeframe.parse(timeframe))

    def backfill(start_ms: int, end_ms: int) -> Candles | None:
        columns = exchange.fetch_columns(market.symbol, market.timeframe, start_ms, end_ms)
        if not len(columns["timestamp"]):
            return None
        return Candles.from_arrays(market, columns, has_volume=exchange.has_volume)

    return backfill


async def stream_candles(
    exchange: str,
    symbol: str,
    timeframe: str | Timeframe,
    *,
    backfill: Backfill,
    stop: asyncio.Event,
    next_open_ms: int | None = None,
    settings: StreamSettings | None = None,
) -> AsyncGenerator[Bar, None]:
    """Yield the closed bars of a market, oldest first, none twice and none left out, until ``stop`` is set.

    ``next_open_ms`` is the open of the first bar wanted, usually the end of what is stored; None begins with the bar that is open when
    the stream begins. What closed before or between connections comes from ``backfill``, as does every bar of a venue whose stream
    does not mark closed bars; an unfinished bar never leaves. A connection that ends, is silent or about to be cut is replaced.
    ``symbol`` and ``exchange`` are spelled as in ``Market``. Raises ConfigError for a venue without a stream or an unknown symbol,
    APIError after ``settings.most_failures`` connections in a row that soon ended, and what ``backfill`` raises, except an APIError,
    after which it is asked again.
    """
    market = Market(exchange, symbol, Timeframe.parse(timeframe))
    settings, facts = settings or StreamSettings(), stream_facts(exchange)
    stream = _Stream(market, facts, backfill, settings, next_open_ms, stop)
    failures = 0
    while not stop.is_set():
        began = settings.clock.monotonic()
        try:
            async with contextlib.aclosing(stream.one_connection()) as bars:
                async for bar in bars:
                    yield bar
        except SessionOver as over:
            if stop.is_set():
                return
            failures = 0 if settings.clock.monotonic() - began >= settings.steady_s else failures + 1
            _LOG.log(_level_of(over, failures), "%s: %s; connecting again%s", market, over, _how_often(failures))
            if settings.most_failures is not None and failures >= settings.most_failures:
                host = host_of(facts.url(symbol, market.timeframe))
                raise APIError(f"{market}: {failures} connections in a row failed, last: {over}. Check the network and {host}.") from over
        await _pause(settings.waits_s[min(failures, len(settings.waits_s)) - 1] if failures else 0.0, stop)


def _level_of(over: SessionOver, failures: int) -> int:
    """Return how loudly an end is told: of a venue that stays away the first, second, fourth, eighth failure and so on."""
    if over.expected:
        return logging.INFO
    return logging.DEBUG if failures & (failures - 1) else logging.WARNING


def _how_often(failures: int) -> str:
    return f" ({failures:,} failures in a row; it goes on trying)" if failures > 2 else ""


def watch_candles(
    exchange: str,
    symbol: str,
    timeframe: str | Timeframe,
    on_bar: Callable[[Bar], None],
    *,
    backfill: Backfill,
    stop: threading.Event,
    next_open_ms: int | None = None,
    settings: StreamSettings | None = None,
) -> None:
    """Call ``on_bar`` with every closed bar until ``stop`` is set or Ctrl-C; ``stream_candles`` for programs without an event loop.

    A bar is either not handed over at all or ``on_bar`` has returned: Ctrl-C (KeyboardInterrupt) comes between bars.
    """
    asyncio.run(_watch(exchange, symbol, timeframe, on_bar, backfill, stop, next_open_ms, settings))


async def _watch(
    exchange: str,
    symbol: str,
    timeframe: str | Timeframe,
    on_bar: Callable[[Bar], None],
    backfill: Backfill,
    stop: threading.Event,
    next_open_ms: int | None,
    settings: StreamSettings | None,
) -> None:
    ended = asyncio.Event()
    looking = asyncio.create_task(_look_for(stop, ended))
    bars = stream_candles(exchange, symbol, timeframe, backfill=backfill, stop=ended, next_open_ms=next_open_ms, settings=settings)
    try:
        async with contextlib.aclosing(bars):
            async for bar in bars:
                on_bar(bar)
                # Bars may be waiting: Ctrl-C gets its turn between them.
                await asyncio.sleep(0)
    finally:
        looking.cancel()


async def _look_for(stop: threading.Event, ended: asyncio.Event) -> None:
    while not stop.is_set():
        await asyncio.sleep(_STOP_LOOK_S)
    ended.set()


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()


class _Stream:
    """A stream over all its connections."""

    def __init__(
        self,
        market: Market,
        facts: StreamFacts,
        backfill: Backfill,
        settings: StreamSettings,
        next_open_ms: int | None,
        stop: asyncio.Event,
    ) -> None:
        self._market, self._facts, self._backfill, self._settings, self._stop = market, facts, backfill, settings, stop
        self._order = BarOrder(market.timeframe.ms, next_open_ms, every_bar_exists=facts.every_bar_exists)

    async def one_connection(self) -> AsyncGenerator[Bar, None]:
        """Yield bars from one connection until it ends (SessionOver).

        It is subscribed before the past is fetched, so that nothing falls between the two.
        """
        async with StreamSession(self._facts, self._market.symbol, self._market.timeframe, self._settings) as session:
            stopping = asyncio.create_task(self._end_at_stop(session))
            try:
                self._order.forget_asking()
                for bar in await self._ask(self._market.timeframe.floor(self._settings.clock.now_ms())):
                    yield bar
                async for update in session.updates():
                    async for bar in self._handle(update):
                        yield bar
            finally:
                stopping.cancel()

    async def _end_at_stop(self, session: StreamSession) -> None:
        await self._stop.wait()
        session.end("it was asked to stop")

    async def _handle(self, update: Update) -> AsyncGenerator[Bar, None]:
        """Yield the bars that leave because of an update, those that it left behind first."""
        self._order.hear(update)
        for wait_s in (0.0, *self._settings.late_waits_s):
            await _pause(wait_s, self._stop)
            if self._stop.is_set():
                raise SessionOver("it was asked to stop", expected=True)
            for bar in await self._ask(update.open_ms):
                yield bar
            if self._order.is_paid(update.open_ms):
                break
        else:
            _LOG.warning("%s has no bars just before %s UTC, though later ones began", self._market, format_utc(update.open_ms))
        self._order.asked(update)
        if update.bar is not None:
            for bar in self._order.pass_on([update.bar]):
                yield bar

    async def _ask(self, closed_until_ms: int) -> list[Bar]:
        """Return what REST has of the bars that closed before ``closed_until_ms`` and have not left yet."""
        owed = self._order.owed(closed_until_ms)
        if owed is None:
            return []
        try:
            found = await asyncio.to_thread(self._backfill, *owed)
        except APIError as error:
            raise SessionOver(f"the bars since {format_utc(owed[0])} UTC could not be fetched: {error}") from error
        return self._order.pass_on(bars_of(found))
