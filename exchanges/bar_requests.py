"""Small things that the venues' requests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import numpy as np

from core.clock import format_utc, ms_from_datetime
from core.errors import CredentialError, DataError
from core.timeframe import Timeframe
from exchanges.calendars import TradingCalendar
from exchanges.http_replies import HttpReply
from exchanges.paging import Columns

# Auctions are held within this time of a session.
_AROUND_MS = 3_600_000


def whole_bars(timeframe: Timeframe, start_ms: int, end_ms: int) -> tuple[int, int] | None:
    """Return the opens of the first and the last bar with ``start_ms <= open < end_ms``; None when no bar opens there.

    Venues differ in what they answer for times between two bars; asking for whole bars leaves no doubt.
    """
    first, last = timeframe.floor(start_ms + timeframe.ms - 1), timeframe.floor(end_ms - 1)
    return (first, last) if first <= last else None


def in_sessions(calendar: TradingCalendar, timeframe: Timeframe, columns: Columns, where: str) -> Columns:
    """Return the bars of the sessions, without what is printed around them, such as auctions.

    Raises DataError for bars farther from a session than an hour: no venue prints such, so that all times are in doubt.
    """
    times = columns["timestamp"].astype(np.int64, copy=False)
    strange = ~calendar.belongs(timeframe, times, _AROUND_MS)
    if strange.any():
        row = int(np.argmax(strange))
        raise DataError(
            f"{where}: {int(strange.sum())} of {len(times)} bars lie outside the hours of trade, first at row {row}: "
            f"{format_utc(int(times[row]))} UTC. The answer is not used; try again later."
        )
    kept = calendar.belongs(timeframe, times)
    return columns if kept.all() else {name: values[kept] for name, values in columns.items()}


def told_time(reply: HttpReply) -> int | None:
    """Return the time of an answer's Date header in UTC ms, never later than the venue's; None when it has none."""
    try:
        sent_ms = ms_from_datetime(parsedate_to_datetime(reply.headers.get("Date", "")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # A cache in between keeps the date of what it stored, and says how old that is.
    age = reply.headers.get("Age", "0").strip()
    return sent_ms + (int(age) * 1000 if age.isascii() and age.isdigit() and len(age) < 7 else 0)


@contextmanager
def login_advice(advice: str) -> Iterator[None]:
    """Add ``advice`` to what a venue says when it refuses a key or token."""
    try:
        yield
    except CredentialError as error:
        raise CredentialError(f"{error} {advice}") from None


def masked(identity: object) -> str:
    """Return the last three characters of an account's name or number behind stars; stars alone for a short one or none."""
    text = str(identity) if isinstance(identity, str | int) else ""
    return f"***{text[-3:]}" if len(text) >= 6 else "***"
