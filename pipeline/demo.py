"""The settings of the demonstration run."""

from datetime import UTC, datetime

from config import ExecutionConfig, OptimizationConfig, OptimizationProfile, RunConfig, StrategyConfig, WalkForwardConfig


def demo_settings() -> RunConfig:
    """Return twelve months of simulated hourly candles, a fast search, and thresholds wide enough to trade often."""
    return RunConfig(
        exchange="SIMULATED",
        symbol="BTCUSDT",
        timeframe="1h",
        start=datetime(2024, 1, 1, tzinfo=UTC),
        end=datetime(2025, 1, 1, tzinfo=UTC),
        order_qty=0.1,
        seed=42,
        strategy=StrategyConfig(rsi_long_threshold=45.0, rsi_short_threshold=55.0),
        execution=ExecutionConfig(),
        optimization=OptimizationConfig(profile=OptimizationProfile.FAST),
        walkforward=WalkForwardConfig(is_length_days=60, oos_length_days=20, stride_days=20),
    )
