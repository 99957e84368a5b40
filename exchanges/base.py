"""What every exchange offers to the rest of the product, real or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import PipelineError
from core.market import MarketRules
from core.timeframe import Timeframe


@dataclass(frozen=True, slots=True)
class VenueFees:
    """The fees of a venue's standard account as fractions of the notional; ``as_of`` is the ISO date of ``source``, None if undated."""

    maker: float
    taker: float
    source: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class ConnectivityStatus:
    """Whether an exchange answers; ``clock_skew_ms`` is its clock minus ours. Times are None where there is no clock to compare.

    ``error`` is what stood in the way of an answer, where that is known.
    """

    exchange: str
    ok: bool
    server_time_ms: int | None
    clock_skew_ms: int | None
    message: str
    error: PipelineError | None = None


@dataclass(frozen=True, slots=True)
class SymbolFacts:
    """A market as its venue lists it: ``status`` is the venue's word, ``trading`` whether orders are taken now."""

    symbol: str
    rules: MarketRules
    base: str
    quote: str
    trading: bool
    status: str


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """What the account's key may do; None where the venue does not say. The product only reads: a key that can do more is a risk."""

    exchange: str
    can_trade: bool | None
    can_withdraw: bool | None
    message: str


@runtime_checkable
class Exchange(Protocol):
    """A source of candles.

    ``synthetic`` marks generated prices, ``has_volume`` says whether volumes mean anything, ``is_spot`` whether short positions
    cannot be held. Symbols are spelled as the exchange spells them; an unknown one is a ConfigError with the nearest name.
    """

    @property
    def name(self) -> str:
        """The name users write, in capitals."""
        ...

    @property
    def synthetic(self) -> bool: ...

    @property
    def has_volume(self) -> bool: ...

    @property
    def is_spot(self) -> bool: ...

    @property
    def default_fees(self) -> VenueFees:
        """What trading costs there unless the user says otherwise."""
        ...

    def check_connectivity(self) -> ConnectivityStatus:
        """Ask the exchange for a sign of life; trouble is a status with ``ok`` False, not an error."""
        ...

    def symbols(self) -> list[str]:
        """Return the symbols to choose from, sorted; ``fetch`` may accept more."""
        ...

    def market_rules(self, symbol: str) -> MarketRules:
        """Return the steps and minimum sizes of orders in ``symbol``."""
        ...

    def source_timeframe(self, symbol: str, timeframe: Timeframe) -> Timeframe:
        """Return what to fetch for bars of ``timeframe``: that very one where the exchange has it, else the coarsest it is a multiple of.

        DataError when the exchange has only timeframes from which ``timeframe`` cannot be made.
        """
        ...

    def available_span(self, symbol: str, timeframe: Timeframe) -> tuple[int, int] | None:
        """Return (open of the first bar, close of the last bar) in UTC ms, the end exclusive; None when that is not known."""
        ...

    def fetch(self, symbol: str, timeframe: Timeframe, start_ms: int | None, end_ms: int | None) -> Candles:
        """Return the closed bars with ``start_ms <= open < end_ms`` (None: as far as there are any), strictly checked.

        ``timeframe`` is one that ``source_timeframe`` returns. Raises NoCandlesError when there are no such bars, naming the span there
        is, and DataError for any bar that breaks the candle contract.
        """
        ...


@runtime_checkable
class MixedExchange(Protocol):
    """An exchange with spot markets and derivatives, of which ``is_spot`` alone says too little."""

    def is_spot_symbol(self, symbol: str) -> bool:
        """Return whether ``symbol`` is a spot market; nothing is asked for it."""
        ...


class FundingPage(NamedTuple):
    """One answer: every rate with ``start_ms <= time < end_ms``; times int64 UTC ms, rising, rates float64, paid by longs when positive."""

    start_ms: int
    end_ms: int
    time_ms: NDArray[np.int64]
    rate: NDArray[np.float64]


@runtime_checkable
class FundingExchange(Protocol):
    """An exchange that tells the funding rates of its perpetuals."""

    @property
    def name(self) -> str: ...

    def funding_pages(self, symbol: str, start_ms: int, end_ms: int) -> Iterator[FundingPage]:
        """Yield the rates with ``start_ms <= time < end_ms``, oldest first, one answer after another; together they cover the range."""
        ...


# Dated futures carry their last day in their names, behind a dash or an underscore, and pay no funding.
_DATED = re.compile(r"[-_]\d{6}(?:\D|$)")


def is_perpetual(exchange: Exchange, symbol: str) -> bool:
    """Return whether positions in ``symbol`` pay or receive funding; nothing is asked for it."""
    return not is_spot_market(exchange, symbol) and not _DATED.search(symbol)


def is_spot_market(exchange: Exchange, symbol: str) -> bool:
    """Return whether short positions cannot be held in ``symbol``."""
    return exchange.is_spot_symbol(symbol) if isinstance(exchange, MixedExchange) else exchange.is_spot
