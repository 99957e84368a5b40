"""When a venue trades: sessions, holidays, and the grid that its bars lie on. Venues without a calendar trade around the clock."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.candle_checks import Times
from core.timeframe import DAY_MS, MINUTE_MS, Timeframe

Flags = NDArray[np.bool_]
Dates = NDArray[np.datetime64]
_HOUR_MS = 60 * MINUTE_MS
_WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True)
class TradingCalendar:
    """The regular sessions of one venue.

    ``zone_ms`` is local time minus UTC, a fixed number (no summer time). ``opens_ms`` and ``closes_ms`` hold the sessions in UTC ms,
    oldest first, one per local day, the close exclusive; ``known_ms`` is the span whose holidays are known. Outside it every weekday
    counts as a session. ``session_bars`` says how many bars a regular session has, ``sessions_per_year`` how many sessions a year has.

    Special sessions (the hour of Diwali, a Saturday of the budget) are announced late and are in no list that could be relied on: bars on
    days without a regular session are welcome, and their absence is no hole.
    """

    name: str
    zone_ms: int
    opens_at: time
    closes_at: time
    opens_ms: Times
    closes_ms: Times
    known_ms: tuple[int, int]
    sessions_per_year: float

    def timeframe(self, timeframe: Timeframe) -> Timeframe:
        """Return ``timeframe`` on this venue's grid: hours are counted from the opening, days and weeks from local midnight.

        Its ``periods_per_year`` counts the bars of the sessions in a year. A timeframe that is on the grid already is returned as it is.
        """
        if timeframe.ms >= DAY_MS:
            monday_ms = (4 * DAY_MS) % timeframe.ms
            per_year = self.sessions_per_year if timeframe.ms == DAY_MS else None
            return replace(timeframe, offset_ms=(monday_ms - self.zone_ms) % timeframe.ms, bars_per_year=per_year)
        offset = (_of_day_ms(self.opens_at) - self.zone_ms) % timeframe.ms
        return replace(timeframe, offset_ms=offset, bars_per_year=self.sessions_per_year * self._bars_of_session(timeframe))

    def expected_opens(self, timeframe: Timeframe, start_ms: int, end_ms: int) -> Times:
        """Return the opens, in [start_ms, end_ms), of all bars in which a regular session trades; int64 UTC ms, increasing."""
        grid = self.timeframe(timeframe)
        opens, closes = self._sessions(start_ms - _WEEK_MS, end_ms + _WEEK_MS)
        if not len(opens):
            return np.zeros(0, np.int64)
        first = opens - (opens - grid.offset_ms) % grid.ms
        most = int((closes - first).max() + grid.ms - 1) // grid.ms
        table = first[:, None] + grid.ms * np.arange(most, dtype=np.int64)
        bars = table[table < closes[:, None]]
        # Bars longer than a session hold several of them.
        fresh = np.concatenate(([True], bars[1:] != bars[:-1]))
        return bars[fresh & (bars >= start_ms) & (bars < end_ms)]

    def belongs(self, timeframe: Timeframe, open_ms: Times, leeway_ms: int = 0) -> Flags:
        """Return which bars can be kept: those with session time, and every bar of a day without a regular session.

        What falls out is what a venue prints outside its hours, such as the auction before the opening; with ``leeway_ms`` only what is
        farther from them than that.
        """
        if timeframe.ms >= DAY_MS or not len(open_ms):
            return np.ones(len(open_ms), np.bool_)
        opens, closes = self._sessions(int(open_ms.min()) - DAY_MS, int(open_ms.max()) + _WEEK_MS)
        # The session of each bar's day, or else the next one; there always is one within a week.
        days, session_days = (open_ms + self.zone_ms) // DAY_MS, (opens + self.zone_ms) // DAY_MS
        row = np.minimum(np.searchsorted(session_days, days), len(opens) - 1)
        outside: Flags = (session_days[row] == days) & (
            (open_ms + timeframe.ms <= opens[row] - leeway_ms) | (open_ms >= closes[row] + leeway_ms)
        )
        return ~outside

    def trade_dates(self, open_ms: Times) -> Dates:
        """Return the local date of every bar, datetime64[D]: a daily bar that opens at 18:30 UTC belongs to the day after."""
        return ((open_ms + self.zone_ms) // DAY_MS).astype("datetime64[D]")

    def is_open(self, ms: int) -> bool:
        """Return whether a regular session trades at ``ms``."""
        opens, closes = self._sessions(ms - DAY_MS, ms + DAY_MS)
        return bool(((opens <= ms) & (ms < closes)).any())

    def _bars_of_session(self, timeframe: Timeframe) -> int:
        length = _of_day_ms(self.closes_at) - _of_day_ms(self.opens_at)
        return -(-length // timeframe.ms)

    def _sessions(self, start_ms: int, end_ms: int) -> tuple[Times, Times]:
        """Return the sessions that touch [start_ms, end_ms): known ones, and weekdays outside the known span."""
        inside = (self.closes_ms > start_ms) & (self.opens_ms < end_ms)
        before = self._weekdays(start_ms, min(end_ms, self.known_ms[0]))
        after = self._weekdays(max(start_ms, self.known_ms[1]), end_ms)
        opens = np.concatenate((before, self.opens_ms[inside], after))
        length = _of_day_ms(self.closes_at) - _of_day_ms(self.opens_at)
        return opens, np.concatenate((before + length, self.closes_ms[inside], after + length))

    def _weekdays(self, start_ms: int, end_ms: int) -> Times:
        """Return the opening of every Monday to Friday between two moments."""
        days = np.arange((start_ms + self.zone_ms) // DAY_MS, (end_ms + self.zone_ms - 1) // DAY_MS + 1, dtype=np.int64)
        # 1970-01-01 was a Thursday: Monday is 0 after adding 3.
        return days[(days + 3) % 7 < 5] * DAY_MS + _of_day_ms(self.opens_at) - self.zone_ms


def calendar_of(exchange: str) -> TradingCalendar | None:
    """Return the calendar of the exchange called ``exchange`` (in capitals); None where trading never stops."""
    return nse_calendar() if exchange in _NSE_VENUES else None


def venue_timeframe(exchange: str, timeframe: str | Timeframe) -> Timeframe:
    """Return the timeframe called ``timeframe`` as the bars of ``exchange`` have it; ConfigError for a name that is not known."""
    parsed, calendar = Timeframe.parse(timeframe), calendar_of(exchange)
    return parsed if calendar is None else calendar.timeframe(parsed)


_NSE_VENUES = frozenset({"ZERODHA", "DHAN"})
_IST_MS = 5 * _HOUR_MS + 30 * MINUTE_MS
_NSE_OPENS, _NSE_CLOSES = time(9, 15), time(15, 30)
# exchange_calendars has the BSE's holidays, which are the NSE's. Mean of the sessions of 2010 to 2025, one evening of Diwali included.
_NSE_SESSIONS_PER_YEAR = 247.0
# After the outage of this day trading went on until 17:00.
_NSE_LATE_CLOSES: Mapping[date, time] = MappingProxyType({date(2021, 2, 24): time(17, 0)})


@cache
def nse_calendar() -> TradingCalendar:
    """Return the calendar of the equity segment of the National Stock Exchange of India: 09:15 to 15:30 IST."""
    days = _session_days("XBOM")
    midnights = days.astype("datetime64[D]").astype(np.int64) * DAY_MS - _IST_MS
    opens, closes = midnights + _of_day_ms(_NSE_OPENS), midnights + _of_day_ms(_NSE_CLOSES)
    for day, close in _NSE_LATE_CLOSES.items():
        closes[days == np.datetime64(day)] += _of_day_ms(close) - _of_day_ms(_NSE_CLOSES)
    for array in (opens, closes):
        array.flags.writeable = False
    # Holidays are known for whole years.
    years = days.astype("datetime64[Y]")
    known = tuple(int(year.astype("datetime64[D]").astype(np.int64)) * DAY_MS - _IST_MS for year in (years[0], years[-1] + 1))
    return TradingCalendar("NSE", _IST_MS, _NSE_OPENS, _NSE_CLOSES, opens, closes, (known[0], known[1]), _NSE_SESSIONS_PER_YEAR)


def days_per_year(exchange: str, timeframe: Timeframe) -> float:
    """Return how many daily returns make a year at ``exchange``: its days of trading, or the bars of ``timeframe`` if longer."""
    return venue_timeframe(exchange, timeframe.name if timeframe.ms > DAY_MS else "1d").periods_per_year


def _session_days(name: str) -> Dates:
    """Return the sessions [D] from Monday to Friday of a calendar of exchange_calendars, over all years that it knows."""
    import exchange_calendars  # a second of import time, for the venues that need it

    with warnings.catch_warnings():
        # The library calls what newer versions of pandas deprecate.
        warnings.simplefilter("ignore", DeprecationWarning)
        bounds = exchange_calendars.get_calendar(name)
        calendar = exchange_calendars.get_calendar(name, start=bounds.bound_min(), end=bounds.bound_max())
    days: Dates = calendar.sessions.to_numpy().astype("datetime64[D]")
    return days[np.is_busday(days)]


def _of_day_ms(moment: time) -> int:
    return (moment.hour * 60 + moment.minute) * MINUTE_MS
