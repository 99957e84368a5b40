"""How much memory a search's batch takes, and whether repeated runs leave anything behind.

Usage: python -m benchmarks.memory [CANDLE_FILE] [--trials 20000] [--bars 175680] [--runs 5000]

Prints the peak above the idle process (imports, kernels and candles loaded) of one batch over one-minute bars, with thresholds (stage 7.2)
and with periods (7.1) varying, and the growth over repeated single runs. Each figure comes from a process of its own, because the operating
system tells the highest peak of a process only. Without a file the bars are those of the simulated market.
"""

import argparse
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from backtest_engine import BacktestEngine, BatchSimulation
from benchmarks.engine import STRATEGY, Values, rows_of_7_1, rows_of_7_2
from config import ExecutionConfig, StrategyConfig
from core.candles import Candles
from core.paths import PROJECT_ROOT
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
from market_data import read_candle_file

MIB = 2**20
START_MS = 1_704_067_200_000
ROWS: dict[str, Callable[[int], Values]] = {"7.2": rows_of_7_2, "7.1": rows_of_7_1}
_STATUS = Path("/proc/self/status")
# A run is small here: what leaks leaks per run, not per bar.
_RUN_BARS = 3_000


def memory(field: str) -> int:
    """Return the bytes that this process holds (``VmRSS``) or held at most (``VmHWM``).

    Where there is no ``/proc`` both are the peak that ``getrusage`` tells. On Linux that one would not do: it begins with the peak of the
    process that started this one.
    """
    if _STATUS.is_file():
        line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(field))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def minutes(bars: int, file: str | None = None) -> Candles:
    """Return the first ``bars`` candles of ``file``, or of the simulated market."""
    if file:
        return read_candle_file(file)[:bars]
    return SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("1m"), START_MS, START_MS + bars * 60_000)


def run_batch(candles: Candles, values: Values) -> None:
    """Simulate and score every row of ``values``."""
    batch = BatchSimulation(candles, StrategyConfig(), values, 0.1, ExecutionConfig())
    batch.advance(batch.bars)
    batch.figures()


def batch_peak(candles: Candles, stage: str, trials: int) -> int:
    """Return the bytes that ``trials`` rows take at most, above the idle process; for a process whose kernels are in the disk cache."""
    run_batch(candles[:_RUN_BARS], ROWS[stage](2))
    gc.collect()
    idle = memory("VmRSS")
    run_batch(candles, ROWS[stage](trials))
    return memory("VmHWM") - idle


def growth(candles: Candles, runs: int) -> int:
    """Return the bytes that the process has grown by over ``runs`` single runs and as many small batches, after a tenth to warm up."""
    some, values = candles[:_RUN_BARS], rows_of_7_2(2)
    before = 0
    for number in range(runs // 10 + runs):
        if number == runs // 10:
            gc.collect()
            before = memory("VmRSS")
        result = BacktestEngine(some, STRATEGY).run()
        _ = result.digest, result.trades
        run_batch(some, values)
    gc.collect()
    return memory("VmRSS") - before


def measured(part: str, *, trials: int = 1, bars: int = _RUN_BARS, runs: int = 10, file: str | None = None) -> int:
    """Return the bytes of ``part`` (7.2, 7.1 or runs) from a fresh process."""
    arguments = [
        "--part",
        part,
        "--trials",
        str(trials),
        "--bars",
        str(bars),
        "--runs",
        str(runs),
        *([str(Path(file).resolve())] if file else []),
    ]
    done = subprocess.run([sys.executable, "-m", "benchmarks.memory", *arguments], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, check=True)
    found: int = json.loads(done.stdout)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, in MiB."""
    parser = argparse.ArgumentParser(description="The memory of batches and of repeated runs.")
    parser.add_argument("file", nargs="?")
    parser.add_argument("--part", choices=[*ROWS, "runs"])
    for name, default in (("--trials", 20_000), ("--bars", 175_680), ("--runs", 5_000)):
        parser.add_argument(name, type=int, default=default)
    given = parser.parse_args(arguments)
    if given.part:
        candles = minutes(given.bars, given.file)
        print(growth(candles, given.runs) if given.part == "runs" else batch_peak(candles, given.part, given.trials))
        return
    measured("7.1")  # compiles what is not in the disk cache yet: that takes memory too
    for stage in ROWS:
        peak = measured(stage, trials=given.trials, bars=given.bars, file=given.file)
        print(f"{given.trials} trials of {stage} over {given.bars} bars: {peak / MIB:6.1f} MiB above the idle process")
    print(f"{given.runs} repeated runs: {measured('runs', runs=given.runs) / MIB:+.1f} MiB")


if __name__ == "__main__":
    main()
