"""What a very large trial ledger costs: to write, to read, to go on with, to show, and in memory.

Usage: python -m benchmarks.ledger [--trials 100000] [--batch 8192]

Writes a ledger of made-up trials with every metric, then measures each part in a process of its own, because the operating system tells
the highest peak of a process only: reading it, opening it to go on with (what a resumed search does before its next batch), making the
table that ``show --trials`` and the Parquet export are cut from, and a whole search of as many trials over 8,784 bars. Times are wall
times and, beside them, what the processor was at work for (the two part where a machine is shared); memory is the peak, and what of it
is above the process with the program loaded.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from backtest_engine.metrics import Metrics
from benchmarks.memory import MIB, START_MS, memory
from config import OptimizationConfig
from core.clock import monotonic_seconds
from core.paths import PROJECT_ROOT
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
from optimization import OptimizationEngine
from optimization.ledger import TrialLedger, read_ledger
from optimization.space import canonical_key
from optimization.trial_record import TrialRecord
from reporting.trial_tables import LedgerFile, read_trials

IDENTITY: dict[str, Any] = {"stage": "7.2", "sampler": "qmc", "seed": 42}
PARTS = ("read", "resume", "table")
SEARCH = "search"


def made_up_trials(count: int, seed: int = 1) -> Iterator[TrialRecord]:
    """Yield ``count`` trials of stage 7.2 with all metrics, drawn from ``seed``."""
    rng = random.Random(seed)
    draw: dict[Any, Callable[[], float | int | bool]] = {int: lambda: rng.randrange(200), bool: lambda: False, float: rng.random}
    for number in range(count):
        params = {
            "rsi_long_threshold": rng.randrange(20, 50), "rsi_short_threshold": rng.randrange(50, 80),
            "atr_sl_multiplier": rng.randrange(5, 50) / 10, "atr_tp_multiplier": rng.randrange(10, 50) / 10,
            "trailing_pct": rng.randrange(1, 10) / 100,
        }  # fmt: skip
        yield TrialRecord(
            number, "7.2", None, params, canonical_key(params), "complete", 3, 8784, (rng.random(), rng.random(), rng.random()),
            {field.name: draw[field.type]() for field in fields(Metrics)},
        )  # fmt: skip


def write(path: Path, trials: int, batch: int) -> float:
    """Write the ledger, one sync a batch, and return the seconds that the ledger itself took."""
    seconds = 0.0
    source = made_up_trials(trials)
    with TrialLedger(IDENTITY, path) as ledger:
        while len(ledger.records) < trials:
            records = [next(source) for _ in range(min(batch, trials - len(ledger.records)))]
            started = monotonic_seconds()
            ledger.append(records)
            seconds += monotonic_seconds() - started
    return seconds


def cost(part: str, path: Path) -> tuple[float, float, int, int]:
    """Return the seconds, those of the processor, the bytes at the peak above the idle process, and those of the whole process."""
    idle, busy = memory("VmRSS"), _processor_seconds()
    started = monotonic_seconds()
    kept = _run(part, path)
    seconds, busy = monotonic_seconds() - started, _processor_seconds() - busy
    peak = memory("VmHWM")
    del kept
    return seconds, busy, peak - idle, peak


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _run(part: str, path: Path) -> object:
    if part == "read":
        return read_ledger(path)
    if part == "resume":
        with TrialLedger(IDENTITY, path) as ledger:
            return ledger.records
    return read_trials(LedgerFile("7.2", None, path)).trials


def search_cost(trials: int, batch: int, folder: Path) -> tuple[float, float, int, int]:
    """Return what ``cost`` returns for a whole search by ``qmc`` of stage 7.2 over a year of simulated hours, daily returns written."""
    candles = SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("1h"), START_MS, START_MS + 8_784 * 3_600_000)
    config = OptimizationConfig(optuna_sampler="qmc", trials=trials, batch=batch)
    idle, busy, started = memory("VmRSS"), _processor_seconds(), monotonic_seconds()
    OptimizationEngine(candles, opt_config=config, ledger_folder=folder).optimize_stage_7_2()
    peak = memory("VmHWM")
    return monotonic_seconds() - started, _processor_seconds() - busy, peak - idle, peak


def measured(part: str, path: Path, trials: int = 0, batch: int = 8192) -> tuple[float, float, int, int]:
    """Return what ``cost`` returns, from a fresh process; of a search of so many ``trials`` ``path`` is the folder."""
    size = ["--trials", str(trials), "--batch", str(batch)]
    command = [sys.executable, "-m", "benchmarks.ledger", "--part", part, "--file", str(path), *size]
    done = subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, check=True)
    seconds, busy, above, whole = json.loads(done.stdout)
    return seconds, busy, above, whole


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="The cost of a large trial ledger.")
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=8192)
    parser.add_argument("--part", choices=(*PARTS, SEARCH))
    parser.add_argument("--file", type=Path)
    given = parser.parse_args(arguments)
    if given.part:
        found = search_cost(given.trials, given.batch, given.file) if given.part == SEARCH else cost(given.part, given.file)
        print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "7.2.trials.log"
        seconds = write(path, given.trials, given.batch)
        size = path.stat().st_size / MIB
        print(
            f"{given.trials:,} trials, {size:.0f} MiB on disk: written in {seconds:.2f} s ({seconds / given.trials * 1e6:.0f} us a trial)"
        )
        for part in (*PARTS, SEARCH):
            took, busy, above, whole = measured(part, path.with_name("search") if part == SEARCH else path, given.trials, given.batch)
            room = f"peak {whole / MIB:4.0f} MiB, of which {above / MIB:4.0f} MiB above the loaded program"
            print(f"{part:7s} {took:6.2f} s ({busy:.2f} s of the processor), {room}")


if __name__ == "__main__":
    main()
