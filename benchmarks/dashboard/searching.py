"""A real search in a process of its own, in a run that the dashboard shows: it simulates until it is ended and says what it has done.

``python -m benchmarks.dashboard.searching FOLDER`` writes the ledger of a search of stage 7.2 over a million minutes to ``FOLDER``.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.dashboard.serving import paths_of
from config import OptimizationConfig
from core.paths import PROJECT_ROOT
from core.timeframe import Timeframe
from exchanges.simulated import SimulatedExchange
from optimization import OptimizationEngine
from tests.dashboard.sample_market import START_MS
from tests.dashboard.sample_run import market_folder, write_run

LIVE_RUN = "20260102-000000-11fe"
_MS_PER_MINUTE = 60_000
_CANDLES = 1_000_000
_ENOUGH = 1_000_000


class Searching:
    """The search at work; ``trials`` counts the lines that its ledger has."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._read = 0
        self._lines = 0

    def trials(self) -> int:
        """Return how many trials are done."""
        if self._ledger.is_file():
            with self._ledger.open("rb") as stream:
                stream.seek(self._read)
                added = stream.read()
            self._read += len(added)
            self._lines += added.count(b"\n")
        return max(0, self._lines - 1)


@contextmanager
def searching(data: Path) -> Iterator[Searching]:
    """Search within a run called ``LIVE_RUN`` in ``data`` until the block ends."""
    shutil.rmtree(paths_of(data).checkpoints / LIVE_RUN, ignore_errors=True)  # of an earlier call
    run = write_run(paths_of(data), LIVE_RUN, until="hardware")
    folder = market_folder(run, "optimize")
    command = [sys.executable, "-m", "benchmarks.dashboard.searching", str(folder)]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL)
    try:
        yield Searching(folder / "7.2.trials.log")
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Search until ended; random points, so that a trial costs the same however many there are."""
    candles = SimulatedExchange().fetch("BTCUSDT", Timeframe.parse("1m"), START_MS, START_MS + _CANDLES * _MS_PER_MINUTE)
    config = OptimizationConfig(optuna_sampler="random", trials=_ENOUGH)
    OptimizationEngine(candles, opt_config=config, ledger_folder=Path(sys.argv[1])).optimize_stage_7_2()


if __name__ == "__main__":
    main()
