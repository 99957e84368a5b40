"""Made-up candles for tests that need many bars but no particular ones, and settings with which they trade often."""

import numpy as np

from config import StrategyConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe

START_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC

# loose thresholds and short periods: an entry every dozen bars
BUSY = StrategyConfig(
    ema_fast=3, ema_slow=8, ema_trend=20, rsi_period=4, atr_period=5, rsi_long_threshold=55, rsi_short_threshold=45,
    enable_trend_filter=False, hybrid_tier4_timeout=3,
)  # fmt: skip


def random_walk(
    bars: int, seed: int = 1, *, timeframe: str = "1h", price: float = 100.0, volatility: float = 0.01, silent_share: float = 0.0
) -> Candles:
    """Return ``bars`` bars of a seeded random walk; ``silent_share`` of them without volume."""
    rng = np.random.default_rng(seed)
    close = price * np.exp(np.cumsum(rng.normal(0.0, volatility, bars)))
    open_ = np.concatenate(([price], close[:-1])) * np.exp(rng.normal(0.0, volatility / 10, bars))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, volatility / 2, bars)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, volatility / 2, bars)))
    volume = np.where(rng.random(bars) < silent_share, 0.0, rng.uniform(0.1, 50.0, bars))
    return candles_of(open_, high, low, close, volume, timeframe)


def candles_of(open_: object, high: object, low: object, close: object, volume: object, timeframe: str = "1h") -> Candles:
    """Return candles from 2024 on out of equally long columns."""
    grid = Timeframe.parse(timeframe)
    columns = {"open": open_, "high": high, "low": low, "close": close, "volume": volume}
    times = START_MS + grid.ms * np.arange(len(np.asarray(close)))
    return Candles.from_arrays(Market("LOCAL", "WALK", grid), {"timestamp": times} | {k: np.asarray(v) for k, v in columns.items()})


def flat(prices: list[float], timeframe: str = "1h") -> Candles:
    """Return bars that stand still, each at its price."""
    return candles_of(prices, prices, prices, prices, [1000.0] * len(prices), timeframe)
