"""Connections that open badly, die without a word, are flooded or are left in the middle of something."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from websockets.asyncio.server import ServerConnection

from core.errors import APIError
from exchanges.stream import StreamSettings, stream_candles
from tests.exchanges.streaming import T0, SetClock, Venue, closed, collect, quick, truth
from tests.fakes.stream import MINUTE, FakeStream, candlestick, hears, kline, says, stays
from tests.patience import PATIENCE_SECONDS

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def raw_server(talk: Talk) -> AsyncIterator[str]:
    """A server that is no websocket's; yields its address."""

    talks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(run(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await asyncio.gather(*talks)


async def first_bars(settings: StreamSettings, exchange: str = "BINANCE", symbol: str = "BTCUSDT") -> None:
    """Take bars until the stream fails."""
    async for _bar in stream_candles(exchange, symbol, "1m", backfill=Venue(), stop=asyncio.Event(), settings=settings):
        pass


def test_ping_of_ours_without_an_answer_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await stays(connection)

    bars, server = collect(monkeypatch, deaf, says(*closed(T0, 1), then=stays), wanted=1, settings=quick(ping_s=0.2))
    assert bars == truth(T0, 1)
    assert len(server.paths) >= 2


def test_opening_that_drips_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nX-Padding: ")
        while not reader.at_eof():
            writer.write(b"x")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.01):
                    await reader.read(1)

    async def run() -> None:
        async with raw_server(drip) as url:
            monkeypatch.setenv("BINANCE_STREAM_URL", url)
            with pytest.raises(APIError, match=r"127\.0\.0\.1 cannot be reached \(TimeoutError\)"):
                await first_bars(quick(open_s=0.2, most_failures=2))

    asyncio.run(run())


def test_redirect_to_another_host_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        async with FakeStream(says(*closed(T0, 1), then=stays)) as other:

            async def send_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(f"HTTP/1.1 302 Found\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode())
                await reader.read()

            async with raw_server(send_away) as url:
                monkeypatch.setenv("BINANCE_STREAM_URL", url)
                with pytest.raises(APIError, match="refuses the stream with HTTP 302"):
                    await first_bars(quick(most_failures=1))
            assert other.paths == []

    asyncio.run(run())


@pytest.mark.parametrize("exchange", ["BINANCE", "DELTA"])
def test_connection_that_closes_while_it_is_subscribed(monkeypatch: pytest.MonkeyPatch, exchange: str) -> None:
    with pytest.raises(APIError, match="3 connections in a row failed"):
        collect(monkeypatch, says(), wanted=1, exchange=exchange, settings=quick(most_failures=3))


def test_venue_that_stays_away_is_complained_of_less_and_less_often(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="exchanges"), pytest.raises(APIError, match="20 connections in a row failed"):
        collect(monkeypatch, says(), wanted=1, settings=quick(waits_s=(0.0,), most_failures=20))
    told = [record.getMessage().partition("connecting again")[2] for record in caplog.records]
    assert told == ["", "", *(f" ({count} failures in a row; it goes on trying)" for count in (4, 8, 16))]


def test_flood_while_history_is_fetched_is_bounded_and_loses_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    venue, flooded = Venue(closed_until_ms=T0 + MINUTE), threading.Event()

    def take_long() -> None:
        flooded.wait(PATIENCE_SECONDS)

    async def flood(connection: ServerConnection) -> None:
        for message in [kline(T0 + MINUTE, closed=False)] * 200 + closed(T0 + MINUTE, 1):
            await connection.send(message)
        flooded.set()
        await stays(connection)

    bars, server = collect(
        monkeypatch, flood, says(*closed(T0 + MINUTE, 2), then=stays), wanted=3, backfill=venue, next_open_ms=T0,
        settings=quick(SetClock(T0 + MINUTE + 1), most_waiting=10),
    )  # fmt: skip
    assert bars == truth(T0, 3)
    assert len(server.paths) == 2


def test_gap_of_delta_over_a_reconnect_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, venue = SetClock(), Venue(T0 + MINUTE)

    async def first(connection: ServerConnection) -> None:
        await hears(connection, 2)
        await says(candlestick(T0 + 1), candlestick(T0 + MINUTE + 1))(connection)

    async def second(connection: ServerConnection) -> None:
        venue.closed_until_ms, clock.ms = T0 + 5 * MINUTE, T0 + 5 * MINUTE + 1
        await says(candlestick(T0 + 5 * MINUTE + 1), candlestick(T0 + 5 * MINUTE + 30_000), then=stays)(connection)

    bars, server = collect(monkeypatch, first, second, wanted=5, backfill=venue, exchange="DELTA", symbol="BTCUSD", settings=quick(clock))
    assert bars == truth(T0, 5)
    assert len(server.paths) == 2


def test_futures_stream_speaks_as_that_of_spot(monkeypatch: pytest.MonkeyPatch) -> None:
    bars, server = collect(monkeypatch, says(*closed(T0, 2), then=stays), wanted=2, exchange="BINANCEUSDM")
    assert bars == truth(T0, 2)
    assert server.paths == ["/ws/btcusdt@kline_1m"]


@pytest.mark.parametrize("turns", range(60))
def test_stream_that_is_cancelled_at_any_moment_leaves_no_connection_open(monkeypatch: pytest.MonkeyPatch, turns: int) -> None:
    async def run() -> None:
        async with FakeStream(says(*closed(T0, 1), then=stays)) as server:
            monkeypatch.setenv("DELTA_STREAM_URL", server.url)
            taking = asyncio.create_task(first_bars(quick(), "DELTA", "BTCUSD"))
            # The second one meets the goodbye.
            for pause in (turns, turns % 3):
                for _ in range(pause):
                    await asyncio.sleep(0)
                taking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await taking

    asyncio.run(run())
