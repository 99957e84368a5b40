"""How fast one backtest and the bare kernel are.

Usage: python -m benchmarks.engine CANDLE_FILE   (e.g. 37,923 hourly bars of BTCUSDT)

Prints medians and spreads of repeated calls in one process: the public call with signals, indicators and metrics, and the kernel alone
on one core.
"""

import statistics
import sys
import time
from collections.abc import Callable

from backtest_engine import BacktestEngine, Simulation
from backtest_engine.kernels.simulate import simulate
from backtest_engine.simulation import Records
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from market_data import read_candle_file

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
    signals = len(ready._records.trades) - 2
    records = Records.allocate(len(candles), signals, 100_000.0)
    blank = records.state.copy()

    def run() -> None:
        records.state[:] = blank
        r = records
        simulate(ready._bars, ready._signals, ready._rules, r.state, 0, len(candles), r.equity, r.trades, r.entries)

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


if __name__ == "__main__":
    main()
