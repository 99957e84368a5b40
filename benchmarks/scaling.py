"""The cost model of docs/scaling.md: its arithmetic, its constants measured here, and its predictions checked on a simulated cluster.

Usage: python -m benchmarks.scaling constants              (sampler, kernel, ledger, file transfer: a minute)
       python -m benchmarks.scaling cluster [NODES CPUS]   (tasks on ray.cluster_utils.Cluster that sleep the modelled time: minutes)
"""

import logging
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backtest_engine import BatchSimulation
from benchmarks.engine import STRATEGY, rows_of_7_2
from benchmarks.gpu import random_candles
from config import ExecutionConfig, StrategyConfig
from core.checked_log import CheckedLog
from core.seeds import derive_seed
from optimization.proposals import Proposals, make_proposals
from optimization.space import canonical_key, stage_space
from optimization.trial_record import TrialRecord
from strategies import get_strategy

WORKERS = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Costs:
    """Seconds: of a trial in the sampler, of its record and the calls, of a bar in the kernel, of a batch in the ledger, of a task in the
    driver; bytes per second.
    """

    sampler: float = 0.0002
    trial: float = 0.0005
    bar: float = 1 / 30e6
    batch: float = 0.003
    task: float = 0.004
    bandwidth: float = 400e6
    start: float = 9.0
    slice: float = 1.0


@dataclass(frozen=True)
class Study:
    """One study: trials, the bars of its series, the share of them that a trial simulates on average, its batch, bytes a trial leaves."""

    trials: int = 350
    bars: int = 1_440
    fidelity: float = 0.58
    batch: int = 8
    record: int = 900


def study_seconds(study: Study, costs: Costs) -> float:
    """Return what a worker spends on one study."""
    sampling = study.trials * (costs.sampler + costs.trial)
    simulating = study.trials * study.fidelity * study.bars * costs.bar
    return sampling + simulating + math.ceil(study.trials / study.batch) * costs.batch


def tasks_of(study: Study, costs: Costs) -> int:
    """Return the tasks that a study is cut into."""
    return max(1, math.ceil(study_seconds(study, costs) / costs.slice))


def driver_seconds(study: Study, costs: Costs) -> float:
    """Return what the driver spends on one study: each of its tasks, and its files, which go out and come back with each of them."""
    tasks, size = tasks_of(study, costs), study.trials * study.record
    return tasks * costs.task + size * (tasks + 1) / costs.bandwidth


def wall_seconds(studies: int, workers: int, study: Study, costs: Costs) -> float:
    """Return the time of so many equal studies, once the workers are there.

    Either the workers bound it, who do whole studies, or the driver, who does one task's errands at a time.
    """
    rounds = math.ceil(studies / workers)
    errands = driver_seconds(study, costs)
    return max(rounds * (study_seconds(study, costs) + errands), studies * errands + study_seconds(study, costs))


def most_workers(study: Study, costs: Costs) -> int:
    """Return the number of workers that one driver can keep busy."""
    return max(1, math.floor(study_seconds(study, costs) / driver_seconds(study, costs)))


def series_bytes(bars: int) -> int:
    """Return the bytes of a market's candles: seven columns of eight bytes, sent once to each node."""
    return 7 * 8 * bars


def _median(action: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def constants() -> None:
    """Measure what the model is made of and print it."""
    space = stage_space("7.2", get_strategy("hybrid_trend"), StrategyConfig(), 0.15)
    for name in ("tpe", "random"):
        proposals = make_proposals(name, space, lambda trial: derive_seed(1, "bench", "7.2", None, trial), batch=8, budget=150)
        print(f"sampler {name}: {1e3 * _ask_seconds(proposals):.2f} ms a trial over 150 trials")
    line = {"trial": 1, "metrics": dict.fromkeys((f"metric_{number}" for number in range(28)), 1.2345678901234567)}
    with tempfile.TemporaryDirectory() as folder:
        log = CheckedLog(Path(folder) / "log")
        print(f"ledger: {1e3 * _median(lambda: log.append([line] * 8), 50):.2f} ms a batch of 8, synced")
        log.close()
    print(f"kernel: {1e9 * _bar_seconds():.1f} ns a bar, batches of 8 rows, one core")


def _ask_seconds(proposals: Proposals) -> float:
    started = time.perf_counter()
    for first in range(0, 150, 8):
        numbers = range(first, min(first + 8, 150))
        records = [
            TrialRecord(number, "7.2", None, params, canonical_key(params), "complete", 1, 1, (math.sin(number),), {})
            for number, params in zip(numbers, proposals.ask(numbers), strict=True)
        ]
        proposals.tell(records)
    return (time.perf_counter() - started) / 150


def _bar_seconds() -> float:
    candles, values = random_candles(8_784), rows_of_7_2(8)

    def run() -> None:
        batch = BatchSimulation(candles, STRATEGY, values, 0.1, ExecutionConfig(), threads=1)
        batch.advance(batch.bars)
        batch.figures()

    run()
    return _median(run, 20) / (8 * len(candles))


def cluster(nodes: int, cpus: int) -> None:
    """Compare the model with tasks that sleep as long as it says, on several nodes of this machine; sleeping needs no core."""
    import ray
    from ray.cluster_utils import Cluster

    costs, study = Costs(sampler=0.0035), Study(bars=8_784)  # a learning sampler's studies: long enough for two tasks
    each, studies, tasks = study_seconds(study, costs), 32, tasks_of(study, costs)
    simulated = Cluster(initialize_head=True, head_node_args={"num_cpus": cpus, "include_dashboard": False})
    for _ in range(nodes - 1):
        simulated.add_node(num_cpus=cpus)
    ray.init(address=simulated.address, log_to_driver=False, logging_level=logging.ERROR)

    @ray.remote(num_cpus=1, max_retries=0)
    def work(files: bytes, seconds: float) -> bytes:
        time.sleep(seconds)
        return files

    files = bytes(study.trials * study.record)
    ray.get([work.remote(b"", 0.5) for _ in range(nodes * cpus)])  # the workers are there
    errands = _median(lambda: ray.get(work.remote(files, 0.0)), 20)
    measured = Costs(task=errands - 2 * len(files) / costs.bandwidth if errands > 2 * len(files) / costs.bandwidth else errands)
    print(f"{nodes} nodes of {cpus}; {studies} studies of {each:.2f} s in {tasks} tasks; a task's errands {1e3 * errands:.1f} ms")
    for workers in (count for count in WORKERS if count <= nodes * cpus):
        started = time.perf_counter()
        waiting, at_work = [tasks] * studies, dict[object, int]()
        todo = list(range(studies))
        while todo or at_work:
            while todo and len(at_work) < workers:
                place = todo.pop(0)
                at_work[work.remote(files, each / tasks)] = place
            for reply in ray.wait(list(at_work), num_returns=1)[0]:
                place = at_work.pop(reply)
                ray.get(reply)
                waiting[place] -= 1
                if waiting[place]:
                    todo.insert(0, place)
        seconds, said = time.perf_counter() - started, wall_seconds(studies, workers, study, measured)
        print(f"  {workers:2d} workers: {seconds:6.1f} s, predicted {said:6.1f} s, {100 * (said / seconds - 1):+.0f} %")
    ray.shutdown()
    simulated.shutdown()  # type: ignore[no-untyped-call]


def main() -> None:
    """Measure or simulate, as asked."""
    asked = sys.argv[1:] or ["constants"]
    if asked[0] == "cluster":
        nodes, cpus = (int(text) for text in asked[1:3]) if len(asked) >= 3 else (4, 4)
        cluster(nodes, cpus)
    else:
        constants()


if __name__ == "__main__":
    main()
