"""How long the studies of several markets take on each executor, once its workers are there, and whether the bytes are the same.

Usage: python -m benchmarks.executors [SYMBOLS DAYS]   (3 symbols x 2 timeframes of random candles, BALANCED with walk-forward)

Ray is started twice, with one worker and with two: the goal is that two take at most 1/1.6 of the time of one, and no more than inline.
"""

import hashlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from config import OptimizationConfig, StrategyConfig, WalkForwardConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from market_data.resample import resample
from optimization.executors import Executor, Inline, MarketSeries, Processes, Study, ignore_done, ignore_tick
from optimization.executors.ray_cluster import LocalRay
from optimization.executors.ray_executor import RayExecutor
from walkforward import WalkForwardEngine

STRATEGY = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)
SEARCH = OptimizationConfig()
GOAL = 1.6
REPEATS = 3


def random_candles(symbol: str, seed: int, days: int) -> Candles:
    """Return seeded hourly candles of a random walk."""
    rng, bars = np.random.default_rng(seed), 24 * days
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.006, bars)))
    open_ = np.concatenate(([100.0], close[:-1]))
    columns = {
        "timestamp": 1_704_067_200_000 + 3_600_000 * np.arange(bars, dtype=np.int64),
        "open": open_,
        "high": np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.003, bars))),
        "low": np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.003, bars))),
        "close": close,
        "volume": rng.uniform(50, 150, bars),
    }
    return Candles.from_arrays(Market("LOCAL", symbol, TIMEFRAMES["1h"]), columns)


def studies_of(symbols: int, days: int, folder: Path) -> tuple[list[Study], dict[str, MarketSeries]]:
    """Return the windows of all markets, as stage 8 hands them out, and the series they share."""
    studies, series = list[Study](), dict[str, MarketSeries]()
    for number in range(symbols):
        hourly = random_candles(f"S{number}", number, days)
        for candles in (hourly, resample(hourly, TIMEFRAMES["4h"])):
            slug = candles.market.slug
            engine = WalkForwardEngine(
                candles, STRATEGY, 0.1, wfa_config=WalkForwardConfig(), opt_config=SEARCH, ledger_folder=folder / slug
            )
            studies += engine.studies()
            series[slug] = engine.series
    return studies, series


def measure(name: str, executor: Executor, symbols: int, days: int) -> float:
    """Print and return the median seconds of all studies, after one study that gets the workers to load everything."""
    seconds, digests = list[float](), set[str]()
    with tempfile.TemporaryDirectory() as scratch:
        few, series = studies_of(1, 90, Path(scratch) / "warm")
        executor.run(few[:2], series, ignore_done, ignore_tick)
        for repeat in range(REPEATS):
            folder = Path(scratch) / str(repeat)
            studies, series = studies_of(symbols, days, folder)
            started = time.perf_counter()
            executor.run(studies, series, ignore_done, ignore_tick)
            seconds.append(time.perf_counter() - started)
            digests.add(digest(folder))
    executor.close()
    print(
        f"{name:14s} {len(studies)} studies: median {statistics.median(seconds):6.2f} s  min {min(seconds):6.2f}  {', '.join(digests)}",
        flush=True,
    )
    return statistics.median(seconds)


def digest(folder: Path) -> str:
    """Return one hash over all files under ``folder``."""
    sha = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return sha.hexdigest()[:12]


def ray(workers: int) -> Executor:
    """Start a Ray of so many workers and say how long that took."""
    started = time.perf_counter()
    executor = RayExecutor(workers, local=LocalRay(workers))
    print(f"Ray with {workers} workers started in {time.perf_counter() - started:.1f} s", flush=True)
    return executor


def main() -> None:
    """Measure and print."""
    symbols, days = (int(text) for text in sys.argv[1:3]) if len(sys.argv) == 3 else (3, 366)
    executors: dict[str, Callable[[], Executor]] = {
        "inline": Inline, "2 processes": lambda: Processes(2), "Ray, 1 worker": lambda: ray(1), "Ray, 2 workers": lambda: ray(2),
    }  # fmt: skip
    taken = {name: measure(name, make(), symbols, days) for name, make in executors.items()}
    one, two, alone = taken["Ray, 1 worker"], taken["Ray, 2 workers"], taken["inline"]
    print(f"two Ray workers are {one / two:.2f}x one (goal {GOAL}) and {alone / two:.2f}x inline (goal 1.0)")


if __name__ == "__main__":
    main()
