"""Kernel threads share large batches of a search and change no trial."""

from pathlib import Path

import pytest

from backtest_engine import BatchSimulation
from config import OptimizationConfig
from optimization import OptimizationEngine, evaluation
from optimization.objectives.blocks import BlockSimulation
from tests.walkforward.markets import STRATEGY, candles


@pytest.mark.parametrize(("objective", "kind"), [("sharpe", BatchSimulation), ("sharpe_quartile", BlockSimulation)])
def test_threads_change_no_byte_of_a_search(
    objective: str, kind: type[BatchSimulation], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = OptimizationConfig(trials=50, optuna_sampler="random", objective=objective, batch=25, min_trades=3)
    monkeypatch.setattr(evaluation, "BARS_WORTH_THREADS", 1)
    used = list[int]()

    def noting(*arguments: object, **options: object) -> object:
        used.append(int(str(options["threads"])))
        return kind(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(evaluation, kind.__name__, noting)
    for threads in (1, 3):
        engine = OptimizationEngine(candles(20), STRATEGY, 1.0, opt_config=search, ledger_folder=tmp_path / str(threads), threads=threads)
        engine.optimize_stage_7_2()
    assert {*used} == {1, 3}
    one, three = ((tmp_path / str(threads) / "7.2.trials.log").read_bytes() for threads in (1, 3))
    assert one == three
