"""The one list of exchanges."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar, Self

from config.secrets import Secrets, read_secrets
from core.candles import Candles
from core.clock import ms_from_datetime
from core.errors import ConfigError
from core.paths import Paths
from core.suggest import nearest
from core.timeframe import Timeframe
from exchanges.base import ConnectivityStatus, Exchange
from exchanges.binance import SPOT, binance, binance_error
from exchanges.binance_usdm import USDM, binance_usdm
from exchanges.ccxt_bridge import ccxt_exchange
from exchanges.ccxt_library import PREFIX
from exchanges.delta import DELTA, delta, delta_error
from exchanges.dhan import DHAN, dhan, dhan_error
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore
from exchanges.http_replies import ErrorReader
from exchanges.limit_share import limit_share
from exchanges.limits import Limiter
from exchanges.local import LocalExchange
from exchanges.simulated import SimulatedExchange
from exchanges.span import require_forward
from exchanges.zerodha import ZERODHA, kite_error, zerodha


def _http(facts: VenueFacts, paths: Paths, read_error: ErrorReader) -> HttpCore:
    """Return the way to a venue, within limits that are shared with every other process of this installation."""
    return HttpCore(facts, limiter=_limiter(paths, facts.limit_share), read_error=read_error)


def _limiter(paths: Paths, usual_share: float = 0.5) -> Limiter:
    return Limiter(paths.limits, share=limit_share(usual_share))


def _secrets(paths: Paths) -> Callable[[], Secrets]:
    """Return a reader of config/.env, for venues whose keys change from day to day."""
    return lambda: read_secrets(paths.config)


# A new venue is one more line: its name and how to make it.
_FACTORIES: Mapping[str, Callable[[Paths], Exchange]] = {
    "BINANCE": lambda paths: binance(_http(SPOT, paths, binance_error)),
    "BINANCEUSDM": lambda paths: binance_usdm(_http(USDM, paths, binance_error)),
    "DELTA": lambda paths: delta(_http(DELTA, paths, delta_error)),
    "DHAN": lambda paths: dhan(_http(DHAN, paths, dhan_error), _secrets(paths)),
    "LOCAL": LocalExchange,
    "SIMULATED": lambda _paths: SimulatedExchange(),
    "ZERODHA": lambda paths: zerodha(_http(ZERODHA, paths, kite_error), _secrets(paths)),
}


class ExchangeManager:
    """Hands out the exchanges by name. ``ExchangeManager()`` is always the same object, and it keeps one object per exchange."""

    _shared: ClassVar["ExchangeManager | None"] = None
    _exchanges: dict[tuple[str, Paths], Exchange]

    def __new__(cls) -> Self:
        """Return the shared instance, made at the first call."""
        if not isinstance(cls._shared, cls):
            manager = super().__new__(cls)
            manager._exchanges = {}
            cls._shared = manager
        return cls._shared

    def names(self) -> list[str]:
        """Return the names of the exchanges, sorted; besides, CCXT:<id> is one for every exchange from which ccxt reads candles."""
        return sorted(_FACTORIES)

    def get(self, name: str, paths: Paths | None = None) -> Exchange:
        """Return the exchange called ``name`` (in any case), working in ``paths`` (default: the project's own folders).

        Raises ConfigError with the nearest name for an unknown one, and for CCXT:<id> when ccxt is absent.
        """
        key = (name.strip().upper(), paths or Paths.default())
        if key not in self._exchanges:
            self._exchanges[key] = self._make(name, *key)
        return self._exchanges[key]

    def _make(self, written: str, name: str, paths: Paths) -> Exchange:
        if name.startswith(PREFIX):
            return ccxt_exchange(name, _limiter(paths))
        factory = _FACTORIES.get(name)
        if factory is None:
            known = f"Use one of {', '.join(self.names())}, or {PREFIX}<id>, such as {PREFIX}bybit, for any exchange of ccxt."
            raise ConfigError(f"exchange '{written}' is not known.{nearest(written, _FACTORIES)} {known}")
        return factory(paths)

    def fetch_ohlc(
        self,
        exchange_name: str,
        symbol: str,
        timeframe: str | Timeframe,
        start_date: datetime | None = None,
        end_date: datetime | None = None,
    ) -> Candles:
        """Return closed bars with ``start_date <= open < end_date``, straight from the exchange; naive datetimes are UTC.

        Holes are left as they are: ``market_data.load_candles`` judges them, and resamples where the exchange has only finer bars.
        Raises ConfigError for an unknown exchange, symbol or timeframe and reversed dates, DataError for bad bars or none.
        """
        start_ms, end_ms = (None if date is None else ms_from_datetime(date) for date in (start_date, end_date))
        require_forward(start_ms, end_ms)
        exchange, wanted = self.get(exchange_name), Timeframe.parse(timeframe)
        return exchange.fetch(symbol, wanted, start_ms, end_ms)

    def validate_connectivity(self, name: str) -> ConnectivityStatus:
        """Return whether the exchange called ``name`` answers, and how far its clock is from ours."""
        return self.get(name).check_connectivity()
