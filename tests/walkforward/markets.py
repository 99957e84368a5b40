"""Small generated markets and settings for walk-forward tests: hours of a noisy wave, seeded."""

import numpy as np

from config import OptimizationConfig, OptimizationProfile, StrategyConfig, WalkForwardConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from market_data.resample import resample

HOUR = 3_600_000
START = 1_704_067_200_000  # 2024-01-01 UTC
STRATEGY = StrategyConfig(
    ema_fast=5, ema_slow=12, rsi_period=4, rsi_long_threshold=50, rsi_short_threshold=50, enable_trend_filter=False, atr_period=10
)
WINDOWS = WalkForwardConfig(is_length_days=20, oos_length_days=10, stride_days=10, min_trades_per_window=3)
SEARCH = OptimizationConfig(profile=OptimizationProfile.FAST, optuna_sampler="random", min_trades=3)
NEVER = STRATEGY.replace(allow_long=False, allow_short=False)


def candles(days: int = 40, seed: int = 1) -> Candles:
    """Return ``days`` of hourly candles; the same seed gives the same prices."""
    rng = np.random.default_rng(seed)
    bars = days * 24
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, bars)) + 0.02 * np.sin(np.arange(bars) / 20))
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.003, bars)))
    low = np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.003, bars)))
    columns = {
        "timestamp": START + np.arange(bars, dtype=np.int64) * HOUR, "open": open_, "high": high, "low": low, "close": close,
        "volume": rng.uniform(50, 150, bars),
    }  # fmt: skip
    return Candles.from_arrays(Market("TEST", "WAVE", TIMEFRAMES["1h"]), columns)


def poisoned(clean: Candles, first_bar: int) -> Candles:
    """Return ``clean`` with other prices and volumes from ``first_bar`` on."""
    columns = {"timestamp": clean.open_ms}
    for name in ("open", "high", "low", "close", "volume"):
        values = getattr(clean, name).copy()
        values[first_bar:] *= 3.7
        columns[name] = values
    return Candles.from_arrays(clean.market, columns)


def four_hours(fine: Candles) -> Candles:
    """Return decision bars of four hours made of hourly ones."""
    return resample(fine, TIMEFRAMES["4h"])
