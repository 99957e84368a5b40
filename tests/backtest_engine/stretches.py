"""Runs that hold positions long enough to pass many bars at once, beside the same runs bar after bar."""

from collections.abc import Iterator

import numpy as np

from backtest_engine import Simulation
from backtest_engine.inputs import NO_WINDOWS
from config import Distance, ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from strategies import Signals
from tests.backtest_engine.markets import random_walk

BARS = 240
PLAIN = StrategyConfig(
    enable_hybrid_engine=False, trailing_sl_enabled=False, trailing_tp_enabled=False, stop_type=Distance.NONE, target_type=Distance.NONE
)
KINDS = {
    "nothing but signals": PLAIN,
    "percent stop and target": PLAIN.replace(
        stop_type=Distance.PERCENT, target_type=Distance.PERCENT, stop_distance=0.03, target_distance=0.05
    ),
    "trailing": PLAIN.replace(
        stop_type=Distance.ATR, target_type=Distance.ATR, trailing_sl_enabled=True, trailing_tp_enabled=True, trailing_sl_threshold=0.02
    ),
}


def sparse_signals(bars: int, seed: int) -> Signals:
    """Return signals some 40 bars apart, the same side twice now and then."""
    rng = np.random.default_rng(seed)
    direction = np.where(rng.random(bars) < 1 / 40, rng.choice([-1, 1], bars), 0).astype(np.int8)
    direction[1] = 1
    return Signals(direction, np.full(bars, 100.0), np.full(bars, 2.0))


def touching(side: int) -> tuple[Candles, Signals]:
    """Return a market whose 60th bar touches the stop of a position of ``side``, 2 % away, to the last bit, and nothing else."""
    close = 100.0 + 0.01 * (np.arange(140) // 2 % 3)  # every other bar closes where the one before did
    columns = {"open": np.full(140, 100.0), "high": close + 0.5, "low": close - 0.5, "close": close, "volume": np.full(140, 1e6)}
    columns["low" if side > 0 else "high"][60] = 100.0 * (1.0 - side * 0.02)
    columns["timestamp"] = np.arange(140) * 3_600_000
    direction = np.zeros(140, np.int8)
    direction[1] = side
    market = Market("LOCAL", "touching", TIMEFRAMES["1h"])
    return Candles.from_arrays(market, columns), Signals(direction, np.full(140, 100.0), np.full(140, 2.0))


def pairs(seeds: int) -> Iterator[tuple[str, Simulation, Simulation]]:
    """Return, for each of some markets, a name and twice the same run, the second one without windows: it goes bar after bar."""
    for seed in range(seeds):
        candles, signals = random_walk(BARS, seed, silent_share=0.1), sparse_signals(BARS, seed)
        for kind, config in KINDS.items():
            yield f"{kind}, seed {seed}", *twins(candles, config, signals, ExecutionConfig(risk_free_rate=0.02 * (seed % 2)))
    for side in (1, -1):
        candles, signals = touching(side)
        config = PLAIN.replace(stop_type=Distance.PERCENT, stop_distance=0.02)
        yield f"touched stop of {side}", *twins(candles, config, signals, ExecutionConfig(slippage=0.0))


def twins(candles: Candles, config: StrategyConfig, signals: Signals, execution: ExecutionConfig) -> tuple[Simulation, Simulation]:
    """Return the run twice, the second one without windows."""
    fast, slow = (Simulation(candles, config, 1.0, execution, signals=signals) for _ in range(2))
    slow._bars = slow._bars._replace(windows=NO_WINDOWS)
    return fast, slow


def records_of(simulation: Simulation) -> tuple[bytes, bytes]:
    """Return account and score to the last bit."""
    return simulation._records.state.tobytes(), simulation._records.score.tobytes()
