"""What the websocket messages of the venues say about bars."""

import json
from math import isfinite
from typing import Any

from core.timeframe import DAY_MS, Timeframe
from exchanges.stream_bars import Bar, Update

_US_PER_MS = 1000
# Clocks differ; a message about a bar more than this ahead of ours has its unit wrong.
_FAR_AHEAD_MS = DAY_MS


class BadMessageError(ValueError):
    """A message is not what the venue documents; the connection is not believed any further."""


class ShutdownAnnounced(Exception):
    """The venue says that it is about to close the connection."""


def decode(frame: str | bytes) -> dict[str, Any]:
    """Return the JSON object in a frame; BadMessageError for anything else, also for NaN, Infinity and absurd nesting."""
    try:
        message = json.loads(frame, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadMessageError(f"a message of {len(frame):,} bytes is no JSON ({type(error).__name__})") from error
    if not isinstance(message, dict):
        raise BadMessageError(f"a message is a JSON {type(message).__name__}, not an object")
    return message


def read_binance(message: dict[str, Any], symbol: str, timeframe: Timeframe, now_ms: int) -> Update | None:
    """Return what a message of a kline stream, raw or combined, says about ``symbol``; None when it is about something else.

    Raises ShutdownAnnounced for ``serverShutdown``.
    """
    message = message["data"] if isinstance(message.get("data"), dict) else message
    if message.get("e") == "serverShutdown":
        raise ShutdownAnnounced
    kline = message.get("k")
    if message.get("e") != "kline" or not isinstance(kline, dict):
        return None
    if (kline.get("s"), kline.get("i")) != (symbol, timeframe.name):
        return None
    open_ms = _on_grid(kline.get("t"), timeframe, now_ms)
    if kline.get("T") != open_ms + timeframe.ms - 1:
        raise BadMessageError(f"a {timeframe} bar that opens at {open_ms} closes at {kline.get('T')!r}")
    if kline.get("x") is not True:
        return Update(open_ms)
    return Update(open_ms, _bar(open_ms, [kline.get(name) for name in "ohlcvq"]))


def read_delta(message: dict[str, Any], symbol: str, timeframe: Timeframe, now_ms: int) -> Update | None:
    """Return what a candlestick message says; it never says that its own bar is closed, so there is never a bar in the update.

    ``ts`` is the time of the message in microseconds, not the bar's open; older servers send ``candle_start_time`` instead, and bars
    without trades as nulls.
    """
    if message.get("type") != f"candlestick_{timeframe}" or message.get("sy", message.get("symbol")) != symbol:
        return None
    traded = message.get("c", message.get("close")) is not None
    if "candle_start_time" in message:
        start_us = message["candle_start_time"]
        if not isinstance(start_us, int) or start_us % _US_PER_MS:
            raise BadMessageError(f"a bar opens at {start_us!r}, which are no microseconds")
        return Update(_on_grid(start_us // _US_PER_MS, timeframe, now_ms), traded=traded)
    ts = message.get("ts")
    if isinstance(ts, bool) or not isinstance(ts, int):
        raise BadMessageError(f"a message is of the time {ts!r}, which are no microseconds")
    return Update(_on_grid(timeframe.floor(ts // _US_PER_MS), timeframe, now_ms), traded=traded)


def delta_trouble(message: dict[str, Any]) -> str:
    """Return what the answer to a subscription complains of, "" when it does not."""
    if message.get("type") == "error":
        return str(message.get("message") or message)[:200]
    channels = message.get("channels")
    if message.get("type") != "subscriptions" or not isinstance(channels, list):
        return ""
    return "; ".join(str(channel["error"])[:200] for channel in channels if isinstance(channel, dict) and channel.get("error"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _on_grid(open_ms: object, timeframe: Timeframe, now_ms: int) -> int:
    if isinstance(open_ms, bool) or not isinstance(open_ms, int) or timeframe.floor(open_ms) != open_ms:
        raise BadMessageError(f"a bar opens at {open_ms!r}, which is not on the {timeframe} grid of UTC milliseconds")
    if not 0 <= open_ms <= now_ms + _FAR_AHEAD_MS:
        raise BadMessageError(f"a bar opens at {open_ms}, far ahead of this machine's clock, {now_ms}")
    return open_ms


def _bar(open_ms: int, values: list[object]) -> Bar:
    bar = Bar(open_ms, *(_number(value) for value in values))
    if not bar.is_sound:
        raise BadMessageError(f"the closed bar {bar} breaks the candle contract")
    return bar


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or "_" in str(value):
        raise BadMessageError(f"{value!r} stands where a number should")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise BadMessageError(f"{value!r:.60} stands where a number should") from error
    if not isfinite(number):
        raise BadMessageError(f"{value!r:.60} is not finite")
    return number
