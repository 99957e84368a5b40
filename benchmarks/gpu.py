"""How fast batches are on the GPU, where there is one.

Usage: python -m benchmarks.gpu [ROWS BARS]

Random candles and random rows of stage 7.2 (thresholds, stops and targets): 100,000 rows over 20,000 bars, 10,000 rows over 200,000 bars,
everything included: columns, signals, transfers, all rules, all metrics. The same rows on all cores stand beside it, on a part of them, and
every figure of these is compared. Then, for one batch size after the other, where the GPU becomes the faster one. Without a GPU: one line.
"""

import math
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

import numba
import numpy as np
from numpy.typing import NDArray

from backtest_engine import BatchSimulation
from backtest_engine.gpu import Gpu, GpuBatch, NoGpu, find_gpu
from benchmarks.engine import STRATEGY, rows_of_7_2
from config import ExecutionConfig
from core.candles import Candles
from core.cores import usable_cores
from core.market import Market
from core.timeframe import Timeframe

SIZES = ((100_000, 20_000), (10_000, 200_000))
GOAL = 1_000e6
REPEATS = 5
COMPARED = 2_000
# A held bar needs high, low and close.
_BYTES_PER_BAR = 24
CROSSOVER = (16, 64, 256, 1_024, 4_096)
Values = dict[str, NDArray[np.generic]]


def random_candles(bars: int) -> Candles:
    """Return seeded one-minute candles of a random walk."""
    rng = np.random.default_rng(9)
    close = 30_000.0 * np.exp(np.cumsum(rng.normal(0.0, 0.001, bars)))
    open_ = np.concatenate(([30_000.0], close[:-1]))
    columns = {
        "timestamp": 1_704_067_200_000 + 60_000 * np.arange(bars, dtype=np.int64),
        "open": open_,
        "high": np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.0005, bars))),
        "low": np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.0005, bars))),
        "close": close,
        "volume": rng.uniform(1.0, 50.0, bars),
    }
    return Candles.from_arrays(Market("LOCAL", "walk", Timeframe.parse("1m")), columns)


def run(make: Callable[[], BatchSimulation]) -> tuple[float, BatchSimulation]:
    """Return the seconds that a whole batch takes, and the batch."""
    start = time.perf_counter()
    batch = make()
    batch.advance(batch.bars)
    batch.figures()
    return time.perf_counter() - start, batch


def parts(batch: GpuBatch) -> tuple[float, float]:
    """Return the seconds of the signals, made by one thread of the host, and those of the device with the transfers."""
    host = device = 0.0
    for first in range(0, batch.rows, batch._most_rows):
        rows = np.arange(first, min(first + batch._most_rows, batch.rows))
        start = time.perf_counter()
        signals = batch._signals(rows)
        ready = time.perf_counter()
        batch._on_device(rows, signals, batch.bars)
        host, device = host + ready - start, device + time.perf_counter() - ready
    return host, device


def bandwidth() -> float:
    """Return the bytes per second that the device's memory delivers at most, nan where the driver does not say."""
    if numba.config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        return math.nan
    import cupy

    said = cupy.cuda.runtime.getDeviceProperties(0)
    clock, width = said.get("memoryClockRate", 0), said.get("memoryBusWidth", 0)
    return 2e3 * clock * width / 8 or math.nan


def measure(gpu: Gpu, rows: int, bars: int) -> None:
    """Print the median rate of the GPU, what it is made of, the cores' rate and the drift."""
    candles, values, execution = random_candles(bars), rows_of_7_2(rows), ExecutionConfig()
    few = {name: column[:COMPARED] for name, column in values.items()}
    seconds = [run(lambda: GpuBatch(gpu, candles, STRATEGY, values, 0.1, execution))[0] for _ in range(REPEATS)]
    host, device = parts(GpuBatch(gpu, candles, STRATEGY, values, 0.1, execution))
    cpu_seconds, cpu = run(lambda: BatchSimulation(candles, STRATEGY, few, 0.1, execution))
    ours, theirs = run(lambda: GpuBatch(gpu, candles, STRATEGY, few, 0.1, execution))[1].figures(), cpu.figures()
    same = sum(ours[row].tobytes() == theirs[row].tobytes() for row in range(len(ours)))
    drift = np.abs(ours["final_equity"] / theirs["final_equity"] - 1.0).max()
    median, work = statistics.median(seconds), rows * bars
    share = 100 * work * _BYTES_PER_BAR / device / bandwidth()
    print(
        f"{rows:,} rows x {bars:,} bars: {work / median / 1e6:,.0f} M bars/s (goal {GOAL / 1e6:,.0f}), median {median:.2f} s of {REPEATS}, "
        f"{min(seconds):.2f} to {max(seconds):.2f}"
    )
    print(f"  one after the other: signals, one thread of the host {host:.2f} s; device and transfers {device:.2f} s,")
    print(f"  which is {work / device / 1e6:,.0f} M bars/s and {share:.1f} % of the memory's bandwidth, were no price of a bar held cached")
    print(f"  {usable_cores()} cores: {len(ours) * bars / cpu_seconds / 1e6:,.0f} M bars/s on {len(ours):,} of the rows")
    print(f"  figures equal bit for bit in {same:,} of {len(ours):,} rows; largest relative difference of the final equity {drift:.1e}")


def crossover(gpu: Gpu) -> None:
    """Print, for rising batch sizes over 20,000 bars, the seconds of the GPU and of all cores."""
    candles, execution = random_candles(20_000), ExecutionConfig()
    for rows in CROSSOVER:
        values = rows_of_7_2(rows)
        on_gpu = statistics.median(run(partial(GpuBatch, gpu, candles, STRATEGY, values, 0.1, execution))[0] for _ in range(REPEATS))
        on_cpu = statistics.median(run(partial(BatchSimulation, candles, STRATEGY, values, 0.1, execution))[0] for _ in range(REPEATS))
        print(f"  {rows:6,} rows: GPU {1e3 * on_gpu:8.1f} ms, {usable_cores()} cores {1e3 * on_cpu:8.1f} ms")


def main() -> None:
    """Measure and print, or say why not."""
    gpu = find_gpu()
    if isinstance(gpu, NoGpu):
        print(f"no GPU: {gpu.reason}; nothing measured")
        return
    start = time.perf_counter()
    run(lambda: GpuBatch(gpu, random_candles(2_000), STRATEGY, rows_of_7_2(64), 0.1, ExecutionConfig()))
    print(f"{gpu.name}: first launch, with the compilation of the kernel, {time.perf_counter() - start:.1f} s")
    asked = [int(text) for text in sys.argv[1:3]]
    for rows, bars in [(asked[0], asked[1])] if len(asked) == 2 else SIZES:
        measure(gpu, rows, bars)
    crossover(gpu)


if __name__ == "__main__":
    main()
