"""A REST venue that closes: bars on the grid of its sessions, and nothing taken as known before the venue has had time to say it."""

from collections.abc import Iterator

from core.candles import Candles
from core.timeframe import DAY_MS, Timeframe
from exchanges.calendars import TradingCalendar
from exchanges.dialect import Dialect
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore
from exchanges.paging import Columns
from exchanges.rest_exchange import RestExchange

# Brokers deliver the newest bars late: within this time an absent bar may still come.
_SETTLED_AFTER_MS = DAY_MS


class SessionExchange(RestExchange):
    """Like every REST venue, with timeframes on the grid of ``calendar`` whatever grid the caller's has.

    The exchange's own prefix may be written: ``NSE:INFY`` is ``INFY``.
    """

    def __init__(self, facts: VenueFacts, dialect: Dialect, http: HttpCore, calendar: TradingCalendar) -> None:
        """Join facts, language, the way to the venue and its hours."""
        super().__init__(facts, dialect, http)
        self.calendar = calendar

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        """Return the venue's timeframe to fetch, on its own grid."""
        return self.calendar.timeframe(super().source_timeframe(symbol, Timeframe.parse(timeframe.name)))

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        """Return the open of the first bar and the end of the last closed one; None when there is none."""
        return super().available_span(symbol, self.calendar.timeframe(timeframe))

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        """Return the closed bars in the range on the venue's grid; see ``Exchange.fetch``."""
        return super().fetch(symbol, self.calendar.timeframe(timeframe), start_ms, end_ms)

    def fetch_pages(
        self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None
    ) -> Iterator[tuple[int, int, Columns]]:
        """Yield (start, end, bars) as every venue does; in the last day ``end`` goes no further than the last bar there is.

        So a bar that is not there yet, such as the first minutes of a session, is asked for again next time.
        """
        grid = self.calendar.timeframe(timeframe)
        settled_ms = self.server_clock.now_ms() - _SETTLED_AFTER_MS
        for page_start, page_end, columns in super().fetch_pages(symbol, grid, start_ms, end_ms):
            times = columns["timestamp"]
            known_ms = int(times[-1]) + grid.ms if len(times) else page_start
            yield page_start, page_end if page_end <= settled_ms else min(page_end, max(known_ms, settled_ms, page_start)), columns

    def fetch_page(self, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int, now_ms: int | None = None) -> Columns:
        """Return the closed bars of one request in order of time."""
        return super().fetch_page(symbol, self.calendar.timeframe(timeframe), start_ms, end_ms, now_ms)

    def spelling(self, symbol: str) -> str:
        """Return ``symbol`` in capitals without the exchange's prefix."""
        return super().spelling(symbol).removeprefix(f"{self.calendar.name}:")
