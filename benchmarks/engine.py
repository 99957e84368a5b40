"""How fast one backtest and the bare kernel are.

Usage: python -m benchmarks.engine CANDLE_FILE   (e.g. 37,923 hourly bars of BTCUSDT)

Prints medians and spreads of repeated calls in one process: the public call with signals, indicators and metrics; the kernel alone on
one core; and batches of random rows of the stages 7.2 (thresholds, stops and targets) and 7.1 (periods) on all cores, everything included:
columns, signals, all rules of the simulator, all metrics.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from backtest_engine import BacktestEngine, BatchSimulation, Simulation
from backtest_engine.kernels.rows import run_rows
from backtest_engine.score_records import ROOM
from backtest_engine.simulation import Records
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.cores import usable_cores
from market_data import read_candle_file
from strategies import SignalTable

ROWS = 2_000
Values = dict[str, NDArray[np.generic]]
STRATEGY = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)


def timed(action: Callable[[], object], repeats: int) -> list[float]:
    """Return the seconds of each of ``repeats`` calls after two that warm up."""
    for _ in range(2):
        action()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return seconds


def kernel_run(candles: Candles) -> Callable[[], object]:
    """Return a call that runs nothing but the kernel, over fresh records."""
    ready = Simulation(candles, STRATEGY, 0.1, ExecutionConfig())
    signals = len(ready._signals.bars)
    records = Records.allocate(len(candles), signals, 100_000.0)
    state, score, room, start = records.state.copy(), records.score.copy(), np.empty(ROOM), np.zeros(1, np.int64)
    table, bars, rules, end = SignalTable.of_one(ready._signals), ready._bars, ready._rules, len(candles)

    def run() -> None:
        r = records
        r.state[:], r.score[:] = state, score
        run_rows(bars, table, rules, r.state, r.score, start, end, False, r.equity, r.trades, r.entries, room)

    return run


def rows_of_7_2(rows: int) -> Values:
    """Return random rows over the ranges of stage 7.2."""
    rng = np.random.default_rng(72)
    return {
        "rsi_long_threshold": rng.integers(20, 51, rows).astype(float),
        "rsi_short_threshold": rng.integers(50, 81, rows).astype(float),
        "atr_sl_multiplier": rng.integers(5, 51, rows) / 10,
        "atr_tp_multiplier": rng.integers(10, 51, rows) / 10,
        "trailing_sl_threshold": rng.integers(1, 11, rows) / 100,
        "trailing_tp_threshold": rng.integers(1, 11, rows) / 100,
    }


def rows_of_7_1(rows: int) -> Values:
    """Return random rows within 15 % of the default periods."""
    rng = np.random.default_rng(71)
    bounds = {"ema_fast": (17, 23), "ema_slow": (43, 58), "ema_trend": (170, 230), "rsi_period": (12, 16), "atr_period": (12, 16)}
    return {name: rng.integers(low, high + 1, rows) for name, (low, high) in bounds.items()}


def batch_run(candles: Candles, values: Values) -> Callable[[], object]:
    """Return a call that simulates all rows from nothing and scores them."""

    def run() -> None:
        batch = BatchSimulation(candles, StrategyConfig(), values, 0.1, ExecutionConfig())
        batch.advance(batch.bars)
        batch.figures()

    return run


def report(label: str, seconds: list[float], bars: int) -> None:
    """Print one line: median, spread and bars per second."""
    median, fastest, slowest = (1e3 * value for value in (statistics.median(seconds), min(seconds), max(seconds)))
    rate = bars / median / 1e3
    print(f"{label:28s} median {median:7.3f} ms  min {fastest:7.3f}  max {slowest:7.3f}  {rate:7.1f} M bars/s")


def main() -> None:
    """Measure and print."""
    candles = read_candle_file(sys.argv[1])
    result = BacktestEngine(candles, STRATEGY).run()
    print(f"{candles.market}: {len(candles)} bars, {result.metrics.total_trades} trades, {result.exposure:.1f} % of bars in a position")
    report("BacktestEngine(...).run()", timed(lambda: BacktestEngine(candles, STRATEGY).run(), 50), len(candles))
    report("kernel alone, one core", timed(kernel_run(candles), 200), len(candles))
    cores = usable_cores()
    for label, values in (("7.2", rows_of_7_2(ROWS)), ("7.1", rows_of_7_1(ROWS))):
        report(f"{ROWS} rows of {label}, {cores} cores", timed(batch_run(candles, values), 7), ROWS * len(candles))


if __name__ == "__main__":
    main()
