"""Work for the executors' tests; workers import it by name. Run as a program it is a driver whose workers never end on their own."""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from config import OptimizationConfig
from config.secrets import KEY_NAMES
from core.errors import DataError
from optimization import OptimizationEngine
from optimization.executors import MarketSeries, Processes, RayUnavailable, Study, Tick, ignore_done, ignore_tick
from optimization.executors.children import THREAD_LIMITS
from optimization.executors.ray_cluster import LocalRay
from optimization.executors.ray_executor import RayExecutor
from tests.walkforward.markets import STRATEGY, candles

SEARCH = OptimizationConfig(profile="FAST", optuna_sampler="random", min_trades=3)  # type: ignore[arg-type]
SERIES = "walk"


def series(seed: int = 1, days: int = 20) -> MarketSeries:
    return MarketSeries(candles(days, seed))


def studies(work: Any, arguments: Sequence[Any], folder: Path | None = None) -> list[Study]:
    return [
        Study(f"study {place}", SERIES, work, argument, None if folder is None else folder / f"{place}")
        for place, argument in enumerate(arguments)
    ]


def last_close(series: MarketSeries, number: float, folder: Path | None, tick: Tick) -> float:
    return float(series.candles.close[-1]) + number


def pid_after_work(series: MarketSeries, argument: tuple[int, str], folder: Path | None, tick: Tick) -> int:
    """Search, but wait until two processes are at it, and return which one ended it; ``PID.worked`` tells each that had a part in it."""
    seed, meeting = argument
    (Path(meeting) / str(os.getpid())).touch()
    while len([name for name in os.listdir(meeting) if name.isdigit()]) < 2:
        threading.Event().wait(0.05)
    try:
        search(series, seed, folder, tick)
    finally:
        (Path(meeting) / f"{os.getpid()}.worked").touch()
    return os.getpid()


def search(series: MarketSeries, seed: int, folder: Path | None, tick: Tick) -> float:
    """Do a whole search of the seed's own, with its ledger in ``folder``."""
    engine = OptimizationEngine(
        series.candles, STRATEGY, 1.0, opt_config=SEARCH, seed=seed, ledger_folder=folder, on_progress=tick, detail=series.detail
    )
    summary = engine.optimize_all()
    if folder is not None:
        engine.save_results(folder)
    return float(summary.stages["7.3"]["best_value"])


def search_with(series: MarketSeries, argument: tuple[OptimizationConfig, int], folder: Path | None, tick: Tick) -> float:
    """Search stage 7.2 with settings of the study's own, with its ledger in ``folder``."""
    config, seed = argument
    engine = OptimizationEngine(
        series.candles, STRATEGY, 1.0, opt_config=config, seed=seed, ledger_folder=folder, on_progress=tick, detail=series.detail
    )
    return engine.optimize_stage_7_2()["best_value"]


DEADLY = """
import os
import signal
from strategies.hybrid_trend import HybridTrend

class Deadly(HybridTrend):
    name = "deadly"

    def signals(self, candles, params):
        self.live(params)
        return super().signals(candles, params)

    def conditions(self, columns, rows):
        for params in rows:
            self.live(params)
        return super().conditions(columns, rows)

    def live(self, params):
        if params["ema_fast"] == DEADLY:
            os.kill(os.getpid(), signal.SIGKILL)

STRATEGY = Deadly()
"""


def deadly_strategy(folder: Path, deadly: int = 6) -> str:
    """Return the path of a strategy, written into ``folder``, some of whose parameters end the process: an ema_fast of ``deadly``."""
    path = folder / "deadly.py"
    path.write_text(DEADLY.replace("DEADLY", f"{deadly}"))
    return str(path)


def search_deadly(series: MarketSeries, path: str, folder: Path | None, tick: Tick) -> float:
    """Search with the ``deadly_strategy`` at ``path``."""
    engine = OptimizationEngine(
        series.candles, STRATEGY.replace(name=path), 1.0, opt_config=SEARCH, seed=1, ledger_folder=folder, on_progress=tick
    )
    summary = engine.optimize_all()
    if folder is not None:
        engine.save_results(folder)
    return float(summary.stages["7.3"]["best_value"])


def dying_once(series: MarketSeries, seed: int, folder: Path | None, tick: Tick) -> float:
    """Search, but be killed at the first batch of the first try."""
    return _dying(series, seed, folder, tick, deaths=1)


def dying_often(series: MarketSeries, seed: int, folder: Path | None, tick: Tick) -> float:
    """Be killed in every try, for the first seed; search for any other."""
    return _dying(series, seed, folder, tick, deaths=100 if seed == 1 else 0)


def _dying(series: MarketSeries, seed: int, folder: Path | None, tick: Tick, deaths: int) -> float:
    # How often it died is kept outside of everything that a worker gives back.
    marks = Path(os.environ["DEATHS"])

    def fatal(progress: Any) -> None:
        before = len(list(marks.glob(f"{seed}-*")))
        if before < deaths:
            (marks / f"{seed}-{before}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        tick(progress)

    return search(series, seed, folder, fatal)


def environment_at_start(_series: MarketSeries, _argument: None, folder: Path | None, tick: Tick) -> tuple[list[str], list[str | None]]:
    """Return the names of keys in this worker's environment, as it is and as it was at its start, and its thread limits."""
    at_start = [line.partition("=")[0] for line in Path("/proc/self/environ").read_text(errors="replace").split("\0")]
    return [name for name in [*os.environ, *at_start] if name in KEY_NAMES], [os.environ.get(name) for name in THREAD_LIMITS]


def setting(_series: MarketSeries, name: str, folder: Path | None, tick: Tick) -> str:
    return os.environ[name]


def is_mapped(series: MarketSeries, _argument: None, folder: Path | None, tick: Tick) -> bool:
    """Return whether the candles lie in memory that is not this process's own, and cannot be written to."""
    close = series.candles.close
    return not close.flags.owndata and not close.flags.writeable and bool(np.isfinite(close).all())


def fail(_series: MarketSeries, number: int, folder: Path | None, tick: Tick) -> int:
    if number == 1:
        raise DataError(f"study {number} is bad.")
    return number


def wait_forever(_series: MarketSeries, _argument: int, folder: Path | None, tick: Tick) -> None:
    os.write(int(os.environ.get("TELL", "1")), b"started\n")
    threading.Event().wait()


if __name__ == "__main__":
    executor: Any = None
    try:
        if sys.argv[1] == "processes":
            executor = Processes(2)
            executor.run(studies(wait_forever, [1, 2]), {SERIES: series()}, ignore_done, ignore_tick)
        else:
            executor = RayExecutor(2, local=LocalRay(2))
            os.write(1, b"started\n")
            executor.run(studies(search, range(1, 200), Path(sys.argv[2])), {SERIES: series()}, ignore_done, ignore_tick)
    except KeyboardInterrupt:
        if executor is not None:
            executor.close()
        sys.exit(130)
    except RayUnavailable as error:
        sys.exit(str(error))
