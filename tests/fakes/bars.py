"""Bars for the fake venues, and what their servers share."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import formatdate
from typing import Any

from core.timeframe import Timeframe
from exchanges.calendars import nse_calendar
from tests.fakes.server import Fault, Reply, Wire

# open time in UTC ms, open, high, low, close, volume
Bar = tuple[int, float, float, float, float, float]


def saw(opens_ms: Iterable[int], *, scale: float = 100.0, volume: float = 10.0) -> list[Bar]:
    """Return a bar for each open time: a saw of prices, in steps of 0.05, that tells every bar from its neighbours."""
    bars: list[Bar] = []
    for number, open_ms in enumerate(opens_ms):
        close, open_ = (round(scale + (each * 37 % 101) / 10, 2) for each in (number, number - 1))
        bars.append((open_ms, open_, max(open_, close) + 0.5, min(open_, close) - 0.5, close, volume + number % 7))
    return bars


def session_bars(timeframe: str, start_ms: int, end_ms: int, *, scale: float = 1500.0) -> list[Bar]:
    """Return a bar for every bar of the NSE's sessions that opens in [start_ms, end_ms)."""
    opens = nse_calendar().expected_opens(Timeframe.parse(timeframe), start_ms, end_ms)
    return saw(opens.tolist(), scale=scale, volume=1000)


def between(bars: Sequence[Bar], start_ms: int, end_ms: int) -> list[Bar]:
    """Return the bars with ``start_ms <= open < end_ms``."""
    return [bar for bar in bars if start_ms <= bar[0] < end_ms]


def date_header(now_ms: int) -> Mapping[str, str | None]:
    """Return the Date header of a server whose clock shows ``now_ms``."""
    return {"Date": formatdate(now_ms / 1000, usegmt=True)}


def changed(change: Callable[[Any], object]) -> Fault:
    """Answer with the right JSON after ``change`` was made to it; what ``change`` returns, unless None, is sent instead."""

    def play(reply: Reply, _wire: Wire) -> Reply:
        said = json.loads(reply.body)
        instead = change(said)
        return Reply.json(said if instead is None else instead)

    return play
