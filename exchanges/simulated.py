"""SIMULATED: an embedded market for demonstrations and tests, without network, keys or files."""

import numpy as np

from core.candles import Candles
from core.clock import now_ms
from core.errors import ConfigError
from core.market import Market, MarketRules
from core.timeframe import Timeframe
from exchanges.base import ConnectivityStatus, VenueFees
from exchanges.simulation import SimulatedMarket
from exchanges.span import outside

# One of the worlds in which familiar coins have familiar prices in the years that people look at.
SEED = 31
# What is offered when nobody asks for a date; bars before it exist as well, back to 1970.
_OFFERED_FROM_MS = 1_483_228_800_000  # 2017-01-01
_LONGEST_SYMBOL = 64


class SimulatedExchange:
    """An endless synthetic market for every symbol and timeframe, the same on every machine.

    Prices wander in volatility regimes with fat tails, mild trends and the busy hours of a real day; every minute trades and none
    is missing. They know nothing of any real market, and symbols move independently of each other: a result on them says how
    the pipeline works, not what a strategy earns. Symbols are read in capitals.
    """

    name = "SIMULATED"
    synthetic = True
    has_volume = True
    is_spot = False
    default_fees = VenueFees(maker=0.0002, taker=0.0004, source="assumed for the simulated market")

    def __init__(self, seed: int = SEED) -> None:
        """Make the market of ``seed``; every seed is another world."""
        self._seed = seed

    def check_connectivity(self) -> ConnectivityStatus:
        """Return that it is there: it is part of the product and shares our clock."""
        return ConnectivityStatus(self.name, True, now_ms(), 0, "embedded, needs no network; its prices are synthetic")

    def symbols(self) -> list[str]:
        """Return a few familiar names; any other works as well."""
        return ["BTCUSDT", "ETHUSDT", "SOLUSDT"]

    def market_rules(self, symbol: str) -> MarketRules:
        """Return no rules: any quantity trades."""
        _read_symbol(symbol)
        return MarketRules()

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        """Return ``timeframe``: there are bars of every length."""
        _read_symbol(symbol)
        return timeframe

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        """Return 2017 until now; earlier bars exist too, back to 1970."""
        _read_symbol(symbol)
        return _next_open(_OFFERED_FROM_MS, timeframe), timeframe.floor(now_ms())

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        """Return the closed bars in the range, marked as synthetic; from 2017 and until now where the range is open."""
        market = Market(self.name, _read_symbol(symbol), timeframe)
        closed_ms = timeframe.floor(now_ms())
        first = _next_open(_OFFERED_FROM_MS if start_ms is None else max(start_ms, 0), timeframe)
        last = closed_ms if end_ms is None else min(_next_open(end_ms, timeframe), closed_ms)
        if first >= last:
            raise outside(str(market), start_ms, end_ms, (_next_open(_OFFERED_FROM_MS, timeframe), closed_ms))
        columns = SimulatedMarket(self._seed, market.symbol).columns(timeframe, first, last)
        open_ms = np.arange(first, last, timeframe.ms, dtype=np.int64)
        return Candles.from_arrays(market, {"timestamp": open_ms, **columns}, synthetic=True)


def _next_open(ms: int, timeframe: Timeframe) -> int:
    """Return the first open at or after ``ms``."""
    return timeframe.floor(ms + timeframe.ms - 1)


def _read_symbol(symbol: str) -> str:
    name = symbol.strip().upper()
    if not name or len(name) > _LONGEST_SYMBOL or not name.isprintable():
        raise ConfigError(f"symbol '{symbol[:80]}' must have 1 to {_LONGEST_SYMBOL} printable characters, such as BTCUSDT.")
    return name
