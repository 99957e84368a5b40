"""Exchanges by way of ccxt, called CCXT:<id>: public candles of any exchange that ccxt reads, behind the same checks as the others."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from config.secrets import Secrets
from core.errors import ConfigError, DataError
from core.timeframe import Timeframe
from exchanges.base import AccountStatus, SymbolFacts
from exchanges.ccxt_candles import CcxtCandles
from exchanges.ccxt_facts import facts_of, own_timeframe, parse_markets
from exchanges.ccxt_library import load_ccxt, new_client, our_errors
from exchanges.ccxt_road import CcxtRoad
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore, HttpPolicy
from exchanges.http_replies import is_finite_number
from exchanges.limits import Limiter
from exchanges.paging import Columns
from exchanges.rest_exchange import RestExchange
from exchanges.series_ends import SeriesEnds
from exchanges.timing import SYSTEM_CLOCK, Clock, ServerClock

# Fine bars may begin later than daily ones: so many pages are looked at, then the day counts as the beginning.
_FINE_WINDOWS = 4
# Venues that answer a start without an end in an order of their own; the end is named to them.
_NEEDS_END = frozenset({"bybit"})


class CcxtDialect:
    """ccxt's way to speak to one exchange; thread safe: one request at a time, since a ccxt client is not."""

    def __init__(self, library: Any, client: Any, facts: VenueFacts, road: CcxtRoad, server_clock: ServerClock) -> None:
        """Speak through ``client``, whose requests go over ``road``."""
        self._library, self._client, self._facts, self._road = library, client, facts, road
        self._lock = threading.RLock()
        self._spellings: dict[str, str] = {}
        self._candles = CcxtCandles(facts.name, self._fetch_rows, facts.page_bars, facts.timeframes, server_clock.now_ms)
        # ccxt would leave out whatever is outside the question without a word; all of it is looked at here.
        client.filter_by_since_limit = _unfiltered

    def server_time(self, http: HttpCore) -> int | None:
        """Return the venue's time in UTC ms; None when ccxt cannot ask for it."""
        with self._lock, self._asking(http):
            if self._client.has.get("fetchTime") is not True:
                self._load_markets()
                return None
            told = self._client.fetch_time()
        if type(told) is not int or not 0 < told < 7_258_118_400_000:
            raise DataError(f"{self._facts.name} tells no time in milliseconds. Try again later.")
        return told

    def listing(self, http: HttpCore) -> Sequence[SymbolFacts]:
        """Return every spot market, swap and future."""
        with self._lock, self._asking(http):
            return self._load_markets(again=True)

    def page(self, http: HttpCore, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int) -> Columns:
        """Return the bars of one page, in as many requests as the venue needs."""
        with self._lock, self._asking(http):
            return self._candles.cover(symbol, timeframe, start_ms, end_ms)

    def first_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, from_ms: int) -> int | None:
        """Return the open of the oldest bar, or of its day where the venue's fine bars begin much later than its daily ones."""
        with self._lock, self._asking(http):
            day = own_timeframe(self._facts, "1d") or timeframe
            first = self._candles.oldest(symbol, day, from_ms)
            if first is None or timeframe.ms >= day.ms:
                return first
            fine = self._candles.oldest(symbol, timeframe, first, _FINE_WINDOWS)
            return first if fine is None else fine

    def last_bar(self, http: HttpCore, symbol: str, timeframe: Timeframe, now_ms: int) -> int | None:
        """Return the open of the newest bar, closed or not."""
        day = own_timeframe(self._facts, "1d") or timeframe
        ends = SeriesEnds(
            lambda each, start, end: self._candles.opens(symbol, each, start, end), day, lambda each: self._facts.page_bars * each.ms
        )
        with self._lock, self._asking(http):
            from_ms = self._facts.first_candle_ms or 0
            return ends.last(timeframe, from_ms, now_ms + 1)

    def volumes(self, http: HttpCore) -> Mapping[str, float]:
        """Return the value traded in 24 hours by symbol, of the kind of market that is the exchange's main one."""
        with self._lock, self._asking(http):
            if self._client.has.get("fetchTickers") is not True:
                raise DataError(f"{self._facts.name}: ccxt cannot ask it for the traded values of all markets. Name the symbols yourself.")
            self._load_markets()
            tickers = self._client.fetch_tickers()
        if not isinstance(tickers, dict):
            raise DataError(f"{self._facts.name}: the 24 h tickers are not of ccxt's documented form. Try again later.")
        told: dict[str, Any] = {str(symbol).upper(): each.get("quoteVolume") for symbol, each in tickers.items() if isinstance(each, dict)}
        return {symbol: float(volume) for symbol, volume in told.items() if is_finite_number(volume) and volume >= 0}

    def account(self, http: HttpCore, secrets: Secrets, server_clock: ServerClock) -> AccountStatus:
        """Refuse: ccxt is never given a key."""
        raise ConfigError(f"{self._facts.name} has no account check: it is used for public candles only, and ccxt is never given a key.")

    def _asking(self, http: HttpCore) -> AbstractContextManager[None]:
        self._road.use(http)
        return our_errors(self._library, self._facts.name)

    def _load_markets(self, *, again: bool = False) -> Sequence[SymbolFacts]:
        markets = self._client.load_markets(again)
        found = parse_markets(self._facts.name, markets, self._client.precisionMode, self._library)
        self._spellings = {symbol: spelled for symbol, (spelled, _facts) in found.items()}
        return [facts for _spelled, facts in found.values()]

    def _fetch_rows(self, symbol: str, timeframe: str, since: int | None, bars: int, end_ms: int) -> Sequence[Any]:
        if not self._spellings:
            self._load_markets()
        spelled = self._spellings.get(symbol)
        if spelled is None:
            raise ConfigError(f"ccxt lists no market {symbol}")
        more = {"until": end_ms - 1} if since is not None and self._client.id in _NEEDS_END else {}
        rows: Sequence[Any] = self._client.fetch_ohlcv(spelled, timeframe, since, bars, more)
        return rows


class CcxtExchange(RestExchange):
    """An exchange that is read by way of ccxt. Its symbols are ccxt's, in capitals: BTC/USDT on spot, BTC/USDT:USDT for the swap."""

    def is_spot_symbol(self, symbol: str) -> bool:
        """Return whether ``symbol`` is a spot market; ccxt's names of contracts say in what they settle, after a colon."""
        return self.is_spot and ":" not in symbol


def ccxt_exchange(name: str, limiter: Limiter | None = None, clock: Clock = SYSTEM_CLOCK, policy: HttpPolicy | None = None) -> CcxtExchange:
    """Return the exchange called ``name`` (``CCXT:<id>``); asks nothing of it yet.

    Raises ConfigError when ccxt is absent, does not know it, or reads no candles from it.
    """
    library, client = load_ccxt(name), new_client(name)
    facts = facts_of(library, client)
    road = CcxtRoad(library, client)
    http = HttpCore(facts, clock, limiter, policy=policy, read_error=road.error_in)
    # Markets and the venue's time are asked for over this road before any other request names one.
    road.use(http)
    dialect = CcxtDialect(library, client, facts, road, ServerClock(clock, lambda: _client_time(client, clock)))
    return CcxtExchange(facts, dialect, http)


def _client_time(client: Any, clock: Clock) -> int:
    """Return the venue's time where ccxt can ask for it, else this computer's."""
    told = client.fetch_time() if client.has.get("fetchTime") is True else None
    return told if type(told) is int else clock.now_ms()


def _unfiltered(rows: Any, *_question: Any, **_named: Any) -> Any:
    """Stand in for ccxt's filter of rows: keep all."""
    return [] if rows is None else list(rows)
