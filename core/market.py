"""What is traded: a venue, a symbol on it and a timeframe, with the venue's rules for prices and sizes."""

import re
from dataclasses import dataclass

from core.timeframe import Timeframe

_UNSAFE = re.compile(r"[^A-Za-z0-9.-]+")


@dataclass(frozen=True, slots=True)
class Market:
    """One candle series: ``exchange`` and ``symbol`` as the venue spells them, and the ``timeframe``."""

    exchange: str
    symbol: str
    timeframe: Timeframe

    @property
    def slug(self) -> str:
        """A lower-case name for files and addresses, e.g. ``binance_btcusdt_1h``; unsafe characters become ``-``."""
        parts = (self.exchange, self.symbol, self.timeframe.name)
        return "_".join(_UNSAFE.sub("-", part).strip("-.").lower() or "x" for part in parts)

    def __str__(self) -> str:
        return f"{self.exchange} {self.symbol} {self.timeframe}"


@dataclass(frozen=True, slots=True)
class MarketRules:
    """What the venue lets one order be; 0 = no rule.

    Quantities are multiples of ``qty_step`` and at least ``min_qty`` (base currency), prices multiples of ``price_step``, and an entry
    is worth at least ``min_notional`` (quote currency).
    """

    qty_step: float = 0.0
    min_qty: float = 0.0
    min_notional: float = 0.0
    price_step: float = 0.0
