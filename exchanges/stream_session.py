"""One connection to a venue's stream, from its opening to whatever ends it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI

from core.errors import ConfigError
from core.timeframe import Timeframe
from exchanges.addresses import is_loopback
from exchanges.stream_bars import Update
from exchanges.stream_facts import StreamFacts, host_of
from exchanges.stream_messages import BadMessageError, ShutdownAnnounced, decode
from exchanges.timing import SYSTEM_CLOCK, Clock

# A venue that does not answer our goodbye is not waited for.
_GOODBYE_S = 0.2


@dataclass(frozen=True, slots=True)
class StreamSettings:
    """How patient a stream is.

    A connection must be open and subscribed within ``open_s`` seconds. One without any message for ``idle_s`` seconds is given up as
    dead, so is one that does not answer our ping, sent every ``ping_s``, within that time; one older than ``longest_s`` is replaced
    (venues cut at 24 h). ``waits_s`` are the pauses before connecting again after connections that lived less than ``steady_s``, the
    last one for every further; ``most_failures`` of these in a row are an error (None: never). ``late_waits_s`` are the pauses before
    asking REST again for a bar that closed a moment ago. Frames up to ``most_bytes`` are read, and so many updates may wait to be
    handled.
    """

    idle_s: float = 60.0
    longest_s: float = 85_800.0
    open_s: float = 10.0
    ping_s: float = 20.0
    steady_s: float = 30.0
    waits_s: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
    late_waits_s: tuple[float, ...] = (0.5, 1.0, 2.0)
    most_failures: int | None = None
    most_bytes: int = 16 * 1024 * 1024
    most_waiting: int = 100_000
    clock: Clock = SYSTEM_CLOCK


class _Connect(connect):
    """A connection to the host that was named and to no other: a redirect is an answer like any other refusal."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


class SessionOver(Exception):
    """The connection has ended; ``expected`` when nothing was wrong with it."""

    def __init__(self, reason: str, *, expected: bool = False) -> None:
        super().__init__(reason)
        self.expected = expected


class StreamSession:
    """An open connection. Frames are read as they come, whatever the consumer does, so that pings are answered in time."""

    def __init__(self, facts: StreamFacts, symbol: str, timeframe: Timeframe, settings: StreamSettings) -> None:
        self._facts, self._symbol, self._timeframe, self._settings = facts, symbol, timeframe, settings
        self._updates: asyncio.Queue[Update | BaseException] = asyncio.Queue()
        self._connection: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ends = 0.0

    async def __aenter__(self) -> Self:
        """Connect and subscribe. SessionOver when the venue cannot be reached or does not answer as a websocket."""
        url = self._facts.url(self._symbol, self._timeframe)
        host, settings = host_of(url), self._settings
        self._ends = settings.clock.monotonic() + settings.longest_s
        proxy: Literal[True] | None = None if is_loopback(host) else True
        try:
            async with asyncio.timeout(settings.open_s):
                self._connection = await _Connect(
                    url, max_size=settings.most_bytes, open_timeout=None, close_timeout=_GOODBYE_S, proxy=proxy, compression=None,
                    ping_interval=settings.ping_s, ping_timeout=settings.ping_s,
                )  # fmt: skip
                for greeting in self._facts.greetings(self._symbol, self._timeframe):
                    await self._connection.send(greeting)
        except InvalidStatus as error:
            raise SessionOver(f"{host} refuses the stream with HTTP {error.response.status_code}") from None
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI, ConnectionClosed) as error:
            self._abort()
            raise SessionOver(f"{host} cannot be reached ({type(error).__name__})") from error
        except asyncio.CancelledError:
            self._abort()
            raise
        self._reader = asyncio.create_task(self._read(self._connection))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._connection is not None:
                # The reader goes on meanwhile: a full buffer would hide the other side's goodbye.
                with contextlib.suppress(OSError, ConnectionClosed):
                    await self._connection.close()
        finally:
            self._abort()
            if self._reader is not None:
                self._reader.cancel()
                await asyncio.gather(self._reader, return_exceptions=True)

    def _abort(self) -> None:
        """Close the socket whatever became of the goodbye: a cancellation that met it would leave the socket open."""
        if self._connection is not None:
            self._connection.transport.abort()

    def end(self, reason: str) -> None:
        """Let ``updates`` end when it has handed out what came so far."""
        self._updates.put_nowait(SessionOver(reason, expected=True))

    async def updates(self) -> AsyncIterator[Update]:
        """Yield what the venue says; ends with SessionOver, or ConfigError when the venue does not know the symbol."""
        while True:
            update = await self._updates.get()
            if isinstance(update, BaseException):
                raise update
            yield update

    async def _read(self, connection: ClientConnection) -> None:
        """Turn frames into updates until the connection ends, and put what ended it at the end of the line."""
        try:
            await self._read_frames(connection)
        except (SessionOver, ConfigError) as end:
            self._updates.put_nowait(end)
        except BadMessageError as error:
            self._updates.put_nowait(SessionOver(f"{self._facts.exchange} sent something else than it documents: {error}"))
        except ShutdownAnnounced:
            self._updates.put_nowait(SessionOver(f"{self._facts.exchange} announced a shutdown of this connection", expected=True))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else closed.sent.code if closed.sent else None
            self._updates.put_nowait(SessionOver(f"{self._facts.exchange} closed the connection ({code or 'without a word'})"))

    async def _read_frames(self, connection: ClientConnection) -> None:
        settings, clock = self._settings, self._settings.clock
        while True:
            try:
                # Not wait_for: up to Python 3.11 it loses a cancellation that meets a message.
                async with asyncio.timeout(settings.idle_s):
                    frame = await connection.recv()
            except TimeoutError:
                raise SessionOver(f"{self._facts.exchange} was silent for {settings.idle_s:g} s") from None
            self._take(frame)
            if clock.monotonic() >= self._ends:
                raise SessionOver(f"the connection is {settings.longest_s / 3600:.1f} h old", expected=True)

    def _take(self, frame: str | bytes) -> None:
        message = decode(frame)
        if trouble := self._facts.trouble(message):
            raise ConfigError(f"{self._facts.exchange} does not stream {self._symbol} {self._timeframe}: {trouble}. Check the symbol.")
        update = self._facts.read(message, self._symbol, self._timeframe, self._settings.clock.now_ms())
        if update is None:
            return
        if self._updates.qsize() >= self._settings.most_waiting:
            raise SessionOver(f"{self._settings.most_waiting:,} messages wait to be handled")
        self._updates.put_nowait(update)
