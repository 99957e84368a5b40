"""Small candle series for tests."""

from collections.abc import Sequence

import numpy as np

from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe
from tests.exchanges.candle_tables import START_MS


def series(bars: int, timeframe: str = "1h", *, missing: Sequence[int] = (), start_ms: int = START_MS, has_volume: bool = True) -> Candles:
    """Return ``bars`` bars from ``start_ms`` on without those numbered in ``missing``; prices wander a little, volume is whole."""
    own = Timeframe.parse(timeframe)
    k = np.setdiff1d(np.arange(bars), np.array(missing, dtype=np.int64))
    opens, closes = 100.0 + k * 37 % 11, 100.0 + (k + 1) * 37 % 11
    columns = {
        "timestamp": start_ms + k * own.ms,
        "open": opens,
        "high": np.maximum(opens, closes) + k % 3,
        "low": np.minimum(opens, closes) - k % 5,
        "close": closes,
        "volume": 1.0 + k % 4,
        "quote_volume": 100.0 + k % 9,
    }
    return Candles.from_arrays(Market("TEST", "X", own), columns, has_volume=has_volume)
