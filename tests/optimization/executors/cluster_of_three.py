"""A program: walk-forward windows on a cluster of three nodes, the second of which is killed when the first window is done."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ray.cluster_utils import Cluster

from optimization.executors import Executor, Inline, ignore_tick
from optimization.executors.ray_executor import RayExecutor
from tests.walkforward.markets import SEARCH, STRATEGY, WINDOWS, candles
from walkforward import WalkForwardEngine

# Ray itself takes up to half a minute to believe that a node is gone.
_WATCHFUL = {"health_check_initial_delay_ms": 0, "health_check_period_ms": 500, "health_check_failure_threshold": 4}


Started = TypeVar("Started")


def study(executor: Executor, folder: Path, on_done: object) -> int:
    engine = WalkForwardEngine(candles(100), STRATEGY, 1.0, wfa_config=WINDOWS, opt_config=SEARCH, ledger_folder=folder)
    outcomes = executor.run(engine.studies(), {engine.candles.market.slug: engine.series}, on_done, ignore_tick)  # type: ignore[arg-type]
    engine.save_results(engine.result_of(outcomes))
    return len(outcomes)


def patiently(start: Callable[[], Started]) -> Started:
    """Start something of Ray, which gives a node half a minute to come up: a busy machine may miss that."""
    for _ in range(3):
        with suppress(Exception):
            return start()
    return start()


def main() -> None:
    root, killed_after = Path(sys.argv[1]), list[int]()
    study(Inline(), root / "alone", lambda _done: None)
    head = {"num_cpus": 1, "include_dashboard": False, "_system_config": _WATCHFUL}
    cluster = patiently(lambda: Cluster(initialize_head=True, head_node_args=head))
    second, _third = (patiently(lambda: cluster.add_node(num_cpus=1)) for _ in range(2))
    executor = RayExecutor(1, address=cluster.address)

    def kill_one(done: int) -> None:
        if not killed_after:
            killed_after.append(done)
            cluster.remove_node(second, allow_graceful=False)

    assert executor.workers >= 3  # one that missed its time may have come all the same
    windows = study(executor, root / "cluster", kill_one)
    executor.close()
    cluster.shutdown()  # type: ignore[no-untyped-call]
    sys.stdout.write(f"{killed_after[0]} {windows}\n")


if __name__ == "__main__":
    main()
