"""Websocket servers on loopback that speak the candle streams of Binance and Delta, one script per connection.

A script is an async function that is given the server's end of a connection; when it returns, the connection is closed.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve

from exchanges.stream import Bar
from tests.patience import PATIENCE_SECONDS

Script = Callable[[ServerConnection], Awaitable[None]]
MINUTE = 60_000


class FakeStream:
    """A websocket server; connection number i runs ``scripts[i]``, further ones the last script. ``paths`` logs what was asked for."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = scripts
        self.paths: list[str] = []
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await serve(self._run, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1, max_size=None)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._server is not None
        # Who has just connected is let in first: the loop would end with the half of a connection that no server knows yet.
        for _ in range(10):
            await asyncio.sleep(0)
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    async def _run(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        number = len(self.paths)
        self.paths.append(connection.request.path)
        await self.scripts[min(number, len(self.scripts) - 1)](connection)


def bar_at(open_ms: int) -> Bar:
    """Return the one true bar of that time: whoever speaks of it says the same."""
    n = open_ms // MINUTE % 1000
    return Bar(open_ms, 100.0 + n, 103.0 + n, 98.0 + n, 101.0 + n, 5.0 + n, 500.0 + n)


def kline(open_ms: int, *, closed: bool, symbol: str = "BTCUSDT", combined: bool = False, **changes: Any) -> str:
    """Return a message of Binance's kline stream about the bar that opens then."""
    bar = bar_at(open_ms)
    k = {
        "t": open_ms, "T": open_ms + MINUTE - 1, "s": symbol, "i": "1m", "f": 100, "L": 200,
        "o": f"{bar.open:.8f}", "c": f"{bar.close:.8f}", "h": f"{bar.high:.8f}", "l": f"{bar.low:.8f}", "v": f"{bar.volume:.8f}",
        "n": 30, "x": closed, "q": f"{bar.quote_volume:.8f}", "V": "1.0", "Q": "2.0", "B": "0",
    } | changes  # fmt: skip
    data = {"e": "kline", "E": open_ms + 5, "s": symbol, "k": k}
    return json.dumps({"stream": f"{symbol.lower()}@kline_1m", "data": data} if combined else data)


def candlestick(message_ms: int, symbol: str = "BTCUSD", **changes: Any) -> str:
    """Return a message of Delta's candlestick channel sent at that time: about the bar that is open then."""
    bar = bar_at(message_ms // MINUTE * MINUTE)
    message = {
        "type": "candlestick_1m", "sy": symbol, "res": "1m", "ts": message_ms * 1000 + 627,
        "o": bar.open, "h": bar.high, "l": bar.low, "c": bar.open, "v": 1.0,
    } | changes  # fmt: skip
    return json.dumps(message)


def says(*messages: str, then: Script | None = None) -> Script:
    """Return a script that sends ``messages`` and then runs ``then`` (default: returns, so that the connection closes)."""

    async def script(connection: ServerConnection) -> None:
        for message in messages:
            await connection.send(message)
        if then is not None:
            await then(connection)

    return script


async def stays(connection: ServerConnection) -> None:
    """Say nothing more and keep the connection until the other side closes it."""
    await connection.wait_closed()


async def hears(connection: ServerConnection, count: int) -> list[Any]:
    """Return the next ``count`` messages of the client as JSON."""
    return [json.loads(await asyncio.wait_for(connection.recv(), PATIENCE_SECONDS)) for _ in range(count)]


def minutes(first_ms: int, count: int) -> Iterator[int]:
    """Yield the opens of ``count`` bars."""
    return (first_ms + i * MINUTE for i in range(count))
