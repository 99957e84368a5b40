"""What finer execution costs: decisions on 1h filled on 1m, beside a plain run over just as many 1m bars.

Usage: python -m benchmarks.detail [CANDLE_FILE]   (1m candles; without a file 100,000 bars of a seeded random walk)

Both take turns in one process. The decision bars are made of the 1m bars. Prints medians, spreads and ratios of the public call
(signals, indicators and, for the detail run, the check and index of both series included), of the kernel alone, and of a batch of random
rows of stage 7.2 on all cores. Goal: at most 1.5.
"""

import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from backtest_engine import BacktestEngine, BatchSimulation, Simulation
from benchmarks.engine import STRATEGY, rows_of_7_2
from config import ExecutionConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from market_data import read_candle_file
from market_data.resample import resample

ROWS = 200
PLAIN, FINE = ExecutionConfig(), ExecutionConfig(detail_timeframe="1m")
Action = Callable[[], object]


def made_up(bars: int = 100_000) -> Candles:
    """Return a seeded random walk of minutes."""
    rng = np.random.default_rng(1)
    close = 50_000 * np.exp(np.cumsum(rng.normal(0, 0.0006, bars)))
    open_ = np.concatenate(([50_000.0], close[:-1]))
    reach = np.exp(np.abs(rng.normal(0, 0.0003, (2, bars))))
    columns = {
        "timestamp": 1_704_067_200_000 + 60_000 * np.arange(bars), "open": open_, "high": np.maximum(open_, close) * reach[0],
        "low": np.minimum(open_, close) / reach[1], "close": close, "volume": rng.uniform(1, 50, bars),
    }  # fmt: skip
    return Candles.from_arrays(Market("LOCAL", "walk", TIMEFRAMES["1m"]), columns)


def in_turns(actions: Sequence[Action], repeats: int) -> list[list[float]]:
    """Return the seconds of ``repeats`` calls of each action, one after the other, after two rounds that warm up."""
    seconds: list[list[float]] = [[] for _ in actions]
    for turn in range(repeats + 2):
        for place, action in enumerate(actions):
            start = time.perf_counter()
            action()
            if turn >= 2:
                seconds[place].append(time.perf_counter() - start)
    return seconds


def kernel_run(candles: Candles, execution: ExecutionConfig, detail: Candles | None) -> Action:
    """Return a call that runs nothing but the kernel."""
    fresh = Simulation(candles, STRATEGY, 0.1, execution, detail=detail)
    state, score = fresh._records.state.copy(), fresh._records.score.copy()

    def run() -> None:
        fresh._records.state[:], fresh._records.score[:] = state, score
        fresh.done = 0
        fresh.advance(fresh.bars)

    return run


def batch_run(candles: Candles, execution: ExecutionConfig, detail: Candles | None) -> Action:
    """Return a call that simulates all rows from nothing and scores them."""
    values = rows_of_7_2(ROWS)

    def run() -> None:
        batch = BatchSimulation(candles, STRATEGY, values, 0.1, execution, detail=detail)
        batch.advance(batch.bars)
        batch.figures()

    return run


def report(label: str, actions: tuple[Action, Action], repeats: int, bars: int) -> None:
    """Print the plain run, the detail run and their ratio."""
    for kind, seconds in zip(("plain 1m", "1h on 1m"), measured := in_turns(actions, repeats), strict=True):
        median, fastest, slowest = (1e3 * value for value in (statistics.median(seconds), min(seconds), max(seconds)))
        rate = bars / median / 1e3
        print(f"{label:22s} {kind}  median {median:8.3f} ms  min {fastest:8.3f}  max {slowest:8.3f}  {rate:8.1f} M fine bars/s")
    plain, fine = map(statistics.median, measured)
    print(f"{label:22s} detail / plain {fine / plain:.2f}")


def main() -> None:
    """Measure and print."""
    loaded = read_candle_file(sys.argv[1]) if len(sys.argv) > 1 else made_up()
    candles = resample(loaded, TIMEFRAMES["1h"])
    detail = loaded.between(int(candles.open_ms[0]), candles.end_ms)
    fine = BacktestEngine(candles, STRATEGY, execution=FINE, detail=detail).run()
    plain = BacktestEngine(detail, STRATEGY).run()
    print(f"{detail.market}: {len(detail)} bars, {len(candles)} decision bars; trades: {plain.metrics.total_trades} plain,", end=" ")
    print(f"{fine.metrics.total_trades} on detail; exposure {plain.exposure:.1f} % and {fine.exposure:.1f} %")

    def public(candles: Candles, execution: ExecutionConfig, detail: Candles | None) -> Action:
        return lambda: BacktestEngine(candles, STRATEGY, execution=execution, detail=detail).run()

    sides = ((detail, PLAIN, None), (candles, FINE, detail))
    report("BacktestEngine().run()", (public(*sides[0]), public(*sides[1])), 40, len(detail))
    report("kernel alone, one core", (kernel_run(*sides[0]), kernel_run(*sides[1])), 100, len(detail))
    report(f"{ROWS} rows of 7.2", (batch_run(*sides[0]), batch_run(*sides[1])), 7, ROWS * len(detail))


if __name__ == "__main__":
    main()
