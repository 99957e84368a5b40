"""Venues in memory that count what they are asked."""

from collections.abc import Iterator, Sequence

import numpy as np

from core.candles import Candles
from core.errors import ConfigError, NoCandlesError
from core.market import MarketRules
from core.timeframe import Timeframe
from exchanges.base import ConnectivityStatus, VenueFees
from exchanges.paging import Columns, no_rows
from exchanges.span import cut, outside
from market_data.resample import resample
from market_data.store.columns import columns_of


class PlainVenue:
    """An exchange that only knows ``fetch``: it has the bars of ``candles`` that are closed at ``now_ms``, in the given timeframes."""

    synthetic = False
    is_spot = True
    default_fees = VenueFees(0.001, 0.001, "test")

    def __init__(self, candles: Candles, *, timeframes: Sequence[str] = (), now_ms: int | None = None) -> None:
        self.candles = candles
        self.now_ms = candles.end_ms if now_ms is None else now_ms
        self.timeframes = [candles.timeframe, *(Timeframe.parse(name) for name in timeframes)]
        self.requests: list[tuple[str, int | None, int | None]] = []
        self.fail_at: set[int] = set()

    @property
    def name(self) -> str:
        return self.candles.market.exchange

    @property
    def has_volume(self) -> bool:
        return self.candles.has_volume

    def check_connectivity(self) -> ConnectivityStatus:
        return ConnectivityStatus(self.name, True, self.now_ms, 0, "here")

    def symbols(self) -> list[str]:
        return [self.candles.market.symbol]

    def market_rules(self, symbol: str) -> MarketRules:
        return MarketRules()

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        if symbol != self.candles.market.symbol:
            raise ConfigError(f"no symbol {symbol}")
        return timeframe if timeframe in self.timeframes else self.timeframes[0]

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        candles = self.bars(timeframe)
        return int(candles.open_ms[0]), candles.end_ms

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        self.ask(timeframe, start_ms, end_ms)
        return cut(self.bars(timeframe), start_ms, end_ms)

    def ask(self, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> None:
        """Note a request; the ones whose number is in ``fail_at`` are interrupted."""
        self.requests.append((timeframe.name, start_ms, end_ms))
        if len(self.requests) in self.fail_at:
            raise KeyboardInterrupt

    def bars(self, timeframe: Timeframe) -> Candles:
        """Return what there is now."""
        candles = self.candles if timeframe == self.candles.timeframe else resample(self.candles, timeframe)
        closed = int(np.searchsorted(candles.open_ms + timeframe.ms, self.now_ms, side="right"))
        if not closed:
            raise NoCandlesError("nothing yet")
        return candles[:closed]


class PagedVenue(PlainVenue):
    """A venue with pages of ``page_bars`` that knows, when ``knows_first``, where its bars begin."""

    def __init__(
        self,
        candles: Candles,
        *,
        timeframes: Sequence[str] = (),
        now_ms: int | None = None,
        page_bars: int = 10,
        knows_first: bool = True,
    ) -> None:
        super().__init__(candles, timeframes=timeframes, now_ms=now_ms)
        self.page_bars, self.knows_first = page_bars, knows_first

    def spelling(self, symbol: str) -> str:
        return symbol.upper()

    def fetch_pages(
        self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None
    ) -> Iterator[tuple[int, int, Columns]]:
        span = self.available_span(symbol, timeframe)
        if span is None:
            raise outside(self.name, start_ms, end_ms, (0, 0))
        first = span[0] if start_ms is None else start_ms
        begin = max(first, span[0]) if self.knows_first else first
        end = self.now_ms if end_ms is None else min(end_ms, self.now_ms)
        length = self.page_bars * timeframe.ms
        for start in range(begin, end, length):
            stop = min(start + length, end)
            self.ask(timeframe, start, stop)
            try:
                columns: Columns = columns_of(cut(self.bars(timeframe), start, stop))
            except NoCandlesError:
                columns = no_rows()
            yield start, stop, columns
