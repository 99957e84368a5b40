"""Small columns of candles for tests of the core."""

from typing import Any

import numpy as np

from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe

HOUR_MS = 3_600_000
START_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC, a Monday
MARKET = Market("BINANCE", "BTCUSDT", Timeframe.parse("1h"))

Columns = dict[str, Any]


def columns(bars: int = 6, **changed: Any) -> Columns:
    """Return sound columns of ``bars`` hourly bars that differ from each other, some of them replaced by ``changed``."""
    k = np.arange(bars, dtype=np.float64)
    sound = {
        "timestamp": START_MS + HOUR_MS * np.arange(bars),
        "open": 100.0 + k,
        "high": 103.0 + k,
        "low": 98.0 + k,
        "close": 101.0 + k,
        "volume": 10.0 + k,
        "quote_volume": 1000.0 + k,
    }
    return sound | changed


def with_cell(name: str, row: int, value: float, bars: int = 6) -> Columns:
    """Return sound columns but for one cell."""
    found = columns(bars)
    found[name][row] = value
    return found


def candles(bars: int = 6, **options: Any) -> Candles:
    """Return sound candles."""
    return Candles.from_arrays(MARKET, columns(bars), **options)
