"""A small market for the engine, and an engine for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from config import OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe
from optimization import STAGES, OptimizationEngine, SearchProgress, Stage, TrialRecord
from strategies import with_params


def random_candles(bars: int = 3000, seed: int = 7) -> Candles:
    """Return hourly candles of a random walk whose volatility comes and goes; equal arguments, equal candles."""
    generator = np.random.Generator(np.random.PCG64(seed))
    volatility = 0.004 * np.exp(0.8 * np.sin(np.arange(bars) / 90.0))
    close = 30_000.0 * np.exp(np.cumsum(generator.standard_normal(bars) * volatility))
    open_ = np.concatenate(([30_000.0], close[:-1]))
    reach = 1.0 + np.abs(generator.standard_normal((2, bars))) * volatility * 0.7
    columns = {
        "timestamp": 1_704_067_200_000 + 3_600_000 * np.arange(bars, dtype=np.int64),
        "open": open_,
        "high": np.maximum(open_, close) * reach[0],
        "low": np.minimum(open_, close) / reach[1],
        "close": close,
        "volume": 50.0 + 100.0 * generator.random(bars),
    }
    return Candles.from_arrays(Market("LOCAL", "walk", Timeframe.parse("1h")), columns)


CONFIG = StrategyConfig(rsi_long_threshold=45.0, rsi_short_threshold=55.0, ema_trend=100)
FAST = OptimizationConfig(profile="fast", min_trades=5)  # type: ignore[arg-type]
CANDLES = random_candles()
Listener = Callable[[SearchProgress], None]


def engine(folder: Path | None = None, on_progress: Listener | None = None, config: StrategyConfig = CONFIG) -> OptimizationEngine:
    return OptimizationEngine(CANDLES, config, opt_config=FAST, ledger_folder=folder, on_progress=on_progress)


def base_of(optimizer: OptimizationEngine, stage: Stage, config: StrategyConfig = CONFIG) -> StrategyConfig:
    """Return the configuration from which ``stage`` started, built from the results of the stages before it."""
    for earlier in STAGES[: STAGES.index(stage)]:
        config = with_params(config, optimizer.summary().stages[earlier]["best_params"])
    return config


def complete(records: list[TrialRecord]) -> Iterator[TrialRecord]:
    return (record for record in records if record.state == "complete")
