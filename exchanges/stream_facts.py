"""Which venues stream bars, where, and how one asks for them."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from core.errors import ConfigError
from core.timeframe import Timeframe
from exchanges.addresses import check_address
from exchanges.stream_bars import Update
from exchanges.stream_messages import delta_trouble, read_binance, read_delta

_HTTP_OF = {"ws": "http", "wss": "https"}


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """How a venue streams bars.

    ``path`` makes the path of a stream, ``greetings`` the messages to send first. ``read`` turns a message into an Update (None: it is
    about something else), ``trouble`` into a complaint (""). ``says_closed`` is whether messages mark a closed bar; where they do not,
    a closed bar is taken from REST once the next one has begun. ``every_bar_exists`` is False where minutes without trades have none.
    """

    exchange: str
    address: str
    path: Callable[[str, Timeframe], str]
    greetings: Callable[[str, Timeframe], tuple[str, ...]]
    read: Callable[[dict[str, Any], str, Timeframe, int], Update | None]
    trouble: Callable[[dict[str, Any]], str]
    says_closed: bool
    every_bar_exists: bool

    def url(self, symbol: str, timeframe: Timeframe) -> str:
        """Return the address to connect to; ``<VENUE>_STREAM_URL`` replaces the venue's own (wss, or ws to this computer)."""
        return stream_address(self.exchange, self.address) + self.path(symbol, timeframe)


def stream_facts(exchange: str) -> StreamFacts:
    """Return the facts about the stream of ``exchange``; ConfigError when it has none that we can read."""
    facts = STREAMS.get(exchange)
    if facts is None:
        raise ConfigError(f"{exchange} has no live candles here. Use one of {', '.join(STREAMS)}.")
    return facts


def stream_address(exchange: str, default: str) -> str:
    """Return ``<VENUE>_STREAM_URL`` where that is set, else ``default``, without a trailing slash.

    Raises ConfigError unless it is wss, or ws to this very computer, with nothing after the path; and when ``<VENUE>_BASE_URL`` is set
    alone, since live bars of one place must not continue the history of another.
    """
    variable, rest_variable = f"{exchange}_STREAM_URL", f"{exchange}_BASE_URL"
    named = os.environ.get(variable)
    if not named:
        if os.environ.get(rest_variable):
            raise ConfigError(f"{rest_variable} is set, but {variable} is not. Set it to the websocket address of the same place.")
        return default
    scheme, separator, rest = named.partition("://")
    if scheme not in _HTTP_OF or not separator:
        raise ConfigError(f"{variable} is no address of a websocket. Use one such as wss://stream.example.com.")
    return f"{scheme}://{check_address(f'{_HTTP_OF[scheme]}://{rest}', variable).partition('://')[2]}"


def host_of(url: str) -> str:
    """Return the host in an address, for messages."""
    return urlsplit(url).hostname or url


def _binance_path(symbol: str, timeframe: Timeframe) -> str:
    return f"/ws/{quote(symbol.lower())}@kline_{timeframe}"


def _delta_greetings(symbol: str, timeframe: Timeframe) -> tuple[str, ...]:
    channels = [{"name": f"candlestick_{timeframe}", "symbols": [symbol]}]
    return json.dumps({"type": "enable_heartbeat"}), json.dumps({"type": "subscribe", "payload": {"channels": channels}})


def _binance(exchange: str, address: str) -> StreamFacts:
    return StreamFacts(
        exchange, address, path=_binance_path, greetings=lambda _symbol, _timeframe: (), read=read_binance, trouble=lambda _message: "",
        says_closed=True, every_bar_exists=True,
    )  # fmt: skip


STREAMS: Mapping[str, StreamFacts] = {
    facts.exchange: facts
    for facts in (
        _binance("BINANCE", "wss://data-stream.binance.vision"),
        _binance("BINANCEUSDM", "wss://fstream.binance.com"),
        StreamFacts(
            "DELTA", "wss://public-socket.india.delta.exchange", path=lambda _symbol, _timeframe: "", greetings=_delta_greetings,
            read=read_delta, trouble=delta_trouble, says_closed=False, every_bar_exists=False,
        ),
    )
}  # fmt: skip
