"""This engine beside other backtesters: equal trades first, then time and memory.

Usage: python -m benchmarks.peers CANDLE_FILE [--peers vectorbt,raptorbt] [--readme]   (in an environment with benchmarks/requirements.txt)

Every comparison passes a gate first: the same number of trades, the same bars, prices and quantities, the final equity to the cent, in a
sweep for every row. What does not pass is not timed, and the exit status is 1. Then both sides take turns in one process; memory is
measured in a fresh process each. Both start from candles and end with their metrics; the peers are given the EMAs of this product, which
they would otherwise seed in other ways, and the signals cut from them as cheaply as numpy can.
"""

import argparse
import contextlib
import importlib
import importlib.metadata
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import numpy as np

from benchmarks.peers import ours
from benchmarks.peers.measure import in_turn, memory_above_idle
from benchmarks.peers.report import Line, table, write
from benchmarks.peers.runs import differences, sweep_differences
from benchmarks.peers.workloads import Rows, Workload, grid
from core.candles import Candles
from market_data import read_candle_file

BARS, MANY_BARS = 26_280, 20_000
STOPS = ((0.02, 0.03), (0.015, 0.03), (0.01, 0.02), (0.03, 0.06), (0.025, 0.05))
CROSS = "EMA cross, one unit, long and short"
STOPPED = "EMA cross with stop and target, all equity, long"
PEERS = {"vectorbt": "cross", "backtesting": "cross", "backtrader": "cross", "raptorbt": "stops"}
# A sweep of backtrader takes minutes.
NO_SWEEP = ("backtrader",)
README = Path(__file__).resolve().parents[2] / "README.md"


def workloads(candles: Candles) -> dict[str, Workload]:
    """Return every workload by its key: one row or 150 over three years of hours, 5,000 over 20,000 bars."""
    recent, short = candles[-BARS:], candles[-MANY_BARS:]
    one, few = grid(range(20, 21), range(50, 51), STOPS[:1]), grid(range(5, 35, 3), range(40, 190, 10), STOPS[:1])
    cycled = np.asarray(STOPS)[np.arange(len(few)) % len(STOPS)]
    many = grid(range(5, 30), range(40, 140, 5), tuple((0.01 + 0.0025 * step, 0.02 + 0.005 * step) for step in range(10)))
    return {
        "cross": Workload("cross", f"{CROSS}: one run", recent, one, stops=False),
        "cross-sweep": Workload("cross-sweep", f"{CROSS}: {len(few)} rows", recent, few, stops=False),
        "stops": Workload("stops", f"{STOPPED}: one run", recent, one, stops=True),
        "stops-sweep": Workload(
            "stops-sweep", f"{STOPPED}: {len(few)} rows", recent, Rows(few.fast, few.slow, cycled[:, 0], cycled[:, 1]), stops=True
        ),
        "stops-many": Workload("stops-many", f"{STOPPED}: {len(many):,} rows × {MANY_BARS:,} bars", short, many, stops=True),
    }


def is_sweep(work: Workload) -> bool:
    """Return whether the workload has more than one row."""
    return len(work.rows) > 1


@contextlib.contextmanager
def no_progress() -> Iterator[None]:
    """Keep the progress bars of others off the terminal."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def compare(module: ModuleType, work: Workload, rounds: int, most_s: float) -> Line:
    """Return one line of the table: nothing is timed unless both traded the same."""
    line = Line(work.title, module.NAME)
    with no_progress():
        if is_sweep(work):
            line.trouble = sweep_differences(ours.sweep_of(work), module.sweep_of(work))
            actions = {"ours": lambda: ours.sweep(work), "theirs": lambda: module.sweep(work)}
        else:
            line.trouble = differences(ours.run_of(work), module.run_of(work))
            actions = {"ours": lambda: ours.single(work), "theirs": lambda: module.single(work)}
        if not line.trouble:
            taken = in_turn(actions, rounds, most_s)
            line.ours, line.theirs = taken["ours"], taken["theirs"]
    return line


def alone(work: Workload, rounds: int) -> Line:
    """Return the line of a workload that no peer is asked for."""
    ours.sweep(work)
    return Line(work.title, "", ours=in_turn({"ours": lambda: ours.sweep(work)}, rounds, 60.0)["ours"])


def module_of(name: str) -> ModuleType:
    """Return this product or a peer by its name."""
    return ours if name == "ours" else importlib.import_module(f"benchmarks.peers.with_{name}")


def print_memory(name: str, work: Workload) -> None:
    """Print the MB above idle of one action; idle is a process that has done the same on few bars."""
    module = module_of(name)
    call = module.sweep if is_sweep(work) else module.single
    small = Rows(work.rows.fast[:2], work.rows.slow[:2], work.rows.stop[:2], work.rows.target[:2])
    tiny = Workload(work.key, work.title, work.candles[:1000], small, work.stops)
    with no_progress():
        needed = memory_above_idle(lambda: call(tiny), lambda: call(work))
    print(f"{needed:.1f}")


def memory(file: str, name: str, work: Workload) -> float:
    """Return what ``print_memory`` finds in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.peers", file, "--memory", name, work.key]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def notes(candles: Candles, peers: list[str], rounds: int, load: float) -> list[str]:
    """Return what the figures rest on."""
    names = {"backtesting": "backtesting.py"}
    versions = ", ".join(f"{names.get(peer, peer)} {importlib.metadata.version(peer)}" for peer in peers)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True, cwd=README.parent).stdout
    return [
        f"Medians of up to {rounds} calls in turn (fastest to slowest) on two shared cores; {load:.1f} processes wanted a core before.",
        f"Python {sys.version.split()[0]}, numpy {np.__version__}; {versions}.",
        f"Commit {commit.strip()}, {datetime.now(UTC):%Y-%m-%d}; the last {BARS:,} bars of {candles.market}.",
    ]


def measure(file: str, candles: Candles, peers: list[str], rounds: int, most_s: float) -> list[Line]:
    """Return all lines, printing each as it comes."""
    works, lines = workloads(candles), []
    for peer in peers:
        kind = PEERS[peer]
        for work in (works[kind], works[f"{kind}-sweep"]):
            if is_sweep(work) and peer in NO_SWEEP:
                continue
            line = compare(module_of(peer), work, rounds, most_s)
            if not line.trouble:
                line.our_memory, line.their_memory = memory(file, "ours", work), memory(file, peer, work)
            lines.append(line)
            print(" | ".join(line.cells()), flush=True)
    line = alone(works["stops-many"], rounds)
    line.our_memory = memory(file, "ours", works["stops-many"])
    print(" | ".join(line.cells()), flush=True)
    return [*lines, line]


def main() -> int:
    """Measure and print; return 1 when a peer traded otherwise."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description="This engine beside other backtesters.")
    parser.add_argument("candles")
    parser.add_argument("--peers", default=",".join(PEERS), help="which ones, with commas between")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--most-seconds", type=float, default=60.0, help="a comparison ends after the round in which these are over")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    parser.add_argument("--memory", nargs=2, metavar=("NAME", "WORKLOAD"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    candles = read_candle_file(given.candles)
    if given.memory:
        print_memory(given.memory[0], workloads(candles)[given.memory[1]])
        return 0
    peers = given.peers.split(",")
    load = os.getloadavg()[0]
    lines = measure(given.candles, candles, peers, given.rounds, given.most_seconds)
    content = table(lines, notes(candles, peers, given.rounds, load))
    print(f"\n{content}")
    if given.readme:
        write(README, content)
    return 1 if any(line.trouble for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
