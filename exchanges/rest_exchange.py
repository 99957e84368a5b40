"""A venue behind a REST interface as an exchange: everything that is the same for all of them."""

import contextlib
import copy
import threading
from collections.abc import Iterator, Mapping
from typing import Self

import numpy as np

from config.secrets import Secrets
from core.candles import Candles
from core.errors import ConfigError, CredentialError, DataError, NoCandlesError, PipelineError
from core.market import Market, MarketRules
from core.suggest import did_you_mean
from core.timeframe import DAY_MS, Timeframe
from exchanges.base import AccountStatus, ConnectivityStatus, SymbolFacts, VenueFees
from exchanges.dialect import Dialect
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore
from exchanges.paging import Columns, join_pages, plan_pages, require_step, require_window
from exchanges.span import outside, require_forward
from exchanges.timing import ServerClock

# How long a venue's list of symbols, and a market's first bar, are taken as known.
_LISTING_FRESH_S = 3600.0
_SKEW_WORTH_A_WORD_MS = 1000
_LONGEST_SYMBOL = 64


class RestExchange:
    """A venue as an exchange: paging, only closed bars by the venue's own clock, and a strict check of what comes; thread safe.

    Symbols are read in capitals. Bars that are out of order are sorted, bars that come twice and are equal are kept once; everything
    else that breaks the candle contract is a DataError.
    """

    synthetic = False

    def __init__(self, facts: VenueFacts, dialect: Dialect, http: HttpCore) -> None:
        """Join a venue's facts and language with the way to it."""
        self.facts, self.dialect, self.http = facts, dialect, http
        self.server_clock = ServerClock(http.clock, self._ask_time)
        self._listing: tuple[float, dict[str, SymbolFacts]] | None = None
        self._first_bars: dict[tuple[str, str], tuple[float, int]] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name users write."""
        return self.facts.name

    @property
    def has_volume(self) -> bool:
        return self.facts.has_volume

    @property
    def is_spot(self) -> bool:
        return self.facts.is_spot

    @property
    def default_fees(self) -> VenueFees:
        """The fees of a standard account."""
        return self.facts.fees

    def once(self) -> Self:
        """Return the same exchange making one attempt at every request: for callers that wait and try again themselves."""
        single = copy.copy(self)
        single.http = self.http.once()
        single.server_clock = ServerClock(single.http.clock, single._ask_time)
        return single

    def check_connectivity(self) -> ConnectivityStatus:
        """Ask the venue for its time; trouble is a status with ``ok`` False."""
        clock, started = self.http.clock, self.http.clock.monotonic()
        try:
            told = self.dialect.server_time(self.http)
        except PipelineError as error:
            return ConnectivityStatus(self.name, False, None, None, str(error), error)
        took_ms = (clock.monotonic() - started) * 1000
        message = f"{self.http.host} answers in {took_ms:.0f} ms"
        if told is None:
            return ConnectivityStatus(self.name, True, None, None, message)
        skew_ms = told - clock.now_ms()
        if abs(skew_ms) > _SKEW_WORTH_A_WORD_MS + took_ms:
            direction = "behind" if skew_ms > 0 else "ahead of"
            message += f"; this computer's clock is {abs(skew_ms) / 1000:.1f} s {direction} the venue's: set it"
        return ConnectivityStatus(self.name, True, told, skew_ms, message)

    def check_account(self, secrets: Secrets) -> AccountStatus:
        """Return what the key in ``secrets`` may do; CredentialError when it is missing or refused."""
        missing = [name for name in self.facts.required_keys if not secrets.get(name)]
        if missing:
            raise CredentialError(f"{self.name}: {', '.join(missing)} not set. Write a read-only key into {secrets.path.name} in config/.")
        return self.dialect.account(self.http, secrets, self.server_clock)

    def symbols(self) -> list[str]:
        """Return the symbols that can be traded now, sorted."""
        return sorted(symbol for symbol, facts in self.listing().items() if facts.trading)

    def listing(self) -> Mapping[str, SymbolFacts]:
        """Return every market that the venue lists by symbol; asked at most once an hour."""
        with self._lock:
            now = self.http.clock.monotonic()
            if self._listing is None or now - self._listing[0] > _LISTING_FRESH_S:
                self._listing = (now, {facts.symbol: facts for facts in self.dialect.listing(self.http)})
            return self._listing[1]

    def symbol_facts(self, symbol: str) -> SymbolFacts:
        """Return a market's rules and status; ConfigError with the nearest name for one that is not listed."""
        spelled, listing = self.spelling(symbol), self.listing()
        if spelled not in listing:
            raise self._unknown(symbol)
        return listing[spelled]

    def market_rules(self, symbol: str) -> MarketRules:
        """Return the steps and minimum sizes of orders."""
        return self.symbol_facts(symbol).rules

    def top_symbols(self, quote: str, limit: int) -> list[tuple[str, float]]:
        """Return up to ``limit`` tradable symbols quoted in ``quote`` with their value traded in 24 hours, the largest first.

        Raises ConfigError when nothing is quoted in ``quote``.
        """
        # Asked first: a venue that does not tell them says so without any request.
        told = self.dialect.volumes(self.http)
        listing, wanted = self.listing(), quote.strip().upper()
        quoted = {symbol for symbol, facts in listing.items() if facts.quote == wanted and facts.trading}
        if not quoted:
            known = {facts.quote for facts in listing.values() if facts.trading}
            raise ConfigError(f"{self.name} trades nothing against '{quote}'.{did_you_mean(wanted, known)}")
        volumes = [(symbol, volume) for symbol, volume in told.items() if symbol in quoted]
        return sorted(volumes, key=lambda each: (-each[1], each[0]))[: max(limit, 0)]

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        """Return ``timeframe`` where the venue has it, else the coarsest of its own that it is a multiple of; DataError for none."""
        own = [Timeframe.parse(name) for name in self.facts.timeframes]
        if timeframe in own:
            return timeframe
        finer = [each for each in own if timeframe.ms % each.ms == 0 and each.ms < timeframe.ms]
        if not finer:
            listed = ", ".join(self.facts.timeframes)
            raise DataError(f"{self.name} has no candles of which {timeframe} candles can be made. It has {listed}.")
        return max(finer, key=lambda each: each.ms)

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        """Return the open of the venue's first bar and the time up to which its bars are closed; None when it has none."""
        spelled, now_ms = self.spelling(symbol), self.server_clock.now_ms()
        with self._asking(symbol):
            first = self._first_bar(spelled, timeframe)
            last = None if first is None else self.dialect.last_bar(self.http, spelled, timeframe, now_ms)
        if first is None or last is None:
            return None
        end_ms = last + timeframe.ms if last + timeframe.ms <= now_ms else last
        return (first, end_ms) if end_ms > first else None

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        """Return the closed bars in the range; see ``Exchange.fetch``."""
        market = Market(self.name, self.spelling(symbol), timeframe)
        columns = self.fetch_columns(symbol, timeframe, start_ms, end_ms)
        if not len(columns["timestamp"]):
            span = self.available_span(symbol, timeframe)
            if span is None:
                raise NoCandlesError(f"{market}: the venue has no closed bars. Choose another symbol or timeframe.")
            raise outside(str(market), start_ms, end_ms, span)
        return Candles.from_arrays(market, columns, has_volume=self.has_volume)

    def fetch_columns(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Columns:
        """Return the closed bars in the range in order of time, none being an answer too.

        Unlike those of ``fetch`` they are checked only for window, order and repeats: build Candles of them before any use.
        """
        pages = [page for _start, _end, page in self.fetch_pages(symbol, timeframe, start_ms, end_ms)]
        return join_pages(f"{self.name} {self.spelling(symbol)} {timeframe}", pages)

    def fetch_pages(
        self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None
    ) -> Iterator[tuple[int, int, Columns]]:
        """Yield (start, end, bars) for one request after another; together they cover what there can be in the range, in order.

        ``end`` is where the next one starts, and for the last the time up to which bars were closed or asked for.
        """
        now_ms, ranges = self.plan(symbol, timeframe, start_ms, end_ms)
        for page_start, page_end in ranges:
            yield page_start, page_end, self.fetch_page(symbol, timeframe, page_start, page_end, now_ms)

    def plan(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> tuple[int, list[tuple[int, int]]]:
        """Return the venue's time and the (start, end) of each request that ``fetch_pages`` makes; at most one request is made for it."""
        require_forward(start_ms, end_ms)
        spelled, now_ms = self.spelling(symbol), self.server_clock.now_ms()
        begin, end = self._clip(symbol, spelled, timeframe, start_ms, end_ms, now_ms)
        return now_ms, plan_pages(begin, end, timeframe.ms, self.facts.page_bars, self._max_span_ms(timeframe))

    def fetch_page(self, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int, now_ms: int | None = None) -> Columns:
        """Return the closed bars of one request in order of time; ``now_ms`` is the venue's time from before it (None: ask).

        Raises DataError for bars outside the range, bars of another timeframe and two different bars of one time.
        """
        name, spelled = f"{self.name} {self.spelling(symbol)} {timeframe}", self.spelling(symbol)
        self._require_own(timeframe)
        closed_ms = self.server_clock.now_ms() if now_ms is None else now_ms
        with self._asking(symbol):
            columns = self.dialect.page(self.http, spelled, timeframe, start_ms, end_ms)
        require_window(name, columns, start_ms, end_ms)
        require_step(name, columns, timeframe.ms)
        times = columns["timestamp"].astype(np.int64, copy=False)
        closed = times + timeframe.ms <= closed_ms
        if not closed.all():
            columns = {column: values[closed] for column, values in columns.items()}
        return join_pages(name, [columns])

    def spelling(self, symbol: str) -> str:
        """Return ``symbol`` as the venue spells it; ConfigError for what cannot be one."""
        name = symbol.strip().upper()
        if not name or len(name) > _LONGEST_SYMBOL or not name.isprintable() or " " in name:
            raise ConfigError(f"'{symbol[:80]}' is no symbol of {self.name}: it has 1 to {_LONGEST_SYMBOL} characters and no space.")
        return name

    def _clip(
        self, symbol: str, spelled: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None, now_ms: int
    ) -> tuple[int, int]:
        """Return the range that is worth asking for: from the first bar to now. One page needs no question about the first bar."""
        self._require_own(timeframe)
        end = now_ms if end_ms is None else min(end_ms, now_ms)
        if start_ms is not None and end - start_ms <= self.facts.page_bars * timeframe.ms:
            return start_ms, end
        with self._asking(symbol):
            first = self._first_bar(spelled, timeframe)
        if first is None:
            return end, end
        return (first if start_ms is None else max(start_ms, first)), end

    def _first_bar(self, spelled: str, timeframe: Timeframe) -> int | None:
        """Return the open of the oldest bar; where a venue keeps so many years only, that moves on."""
        key, now = (spelled, timeframe.name), self.http.clock.monotonic()
        known = self._first_bars.get(key)
        if known is None or now - known[0] > _LISTING_FRESH_S:
            first = self.dialect.first_bar(self.http, spelled, timeframe, self.facts.first_candle_ms or 0)
            if first is None:
                return None
            self._first_bars[key] = known = (now, first)
        return known[1]

    def _max_span_ms(self, timeframe: Timeframe) -> int | None:
        days = (self.facts.max_span_days or {}).get(timeframe.name)
        return None if days is None else days * DAY_MS

    def _require_own(self, timeframe: Timeframe) -> None:
        if timeframe.name not in self.facts.timeframes:
            listed = ", ".join(self.facts.timeframes)
            raise DataError(f"{self.name} has no {timeframe} candles. It has {listed}; market_data.load_candles makes others of them.")

    def _ask_time(self) -> int:
        told = self.dialect.server_time(self.http)
        return self.http.clock.now_ms() if told is None else told

    @contextlib.contextmanager
    def _asking(self, symbol: str) -> Iterator[None]:
        """Name the nearest symbol when the venue does not know this one."""
        try:
            yield
        except ConfigError as error:
            raise self._unknown(symbol, str(error)) from None

    def _unknown(self, symbol: str, said: str = "") -> ConfigError:
        try:
            near = did_you_mean(symbol.strip().upper(), self.symbols())
        except PipelineError:
            near = ""
        return ConfigError(f"{self.name} has no symbol '{symbol.strip()[:80]}'.{near}" + (f" ({said})" if said else ""))
