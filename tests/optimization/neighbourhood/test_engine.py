"""The surroundings of real winners: the very figures of single backtests, the same bytes after an interruption, off where not wanted."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from backtest_engine import BacktestEngine
from config import OptimizationConfig
from core.canonical_json import dumps
from optimization import OptimizationEngine
from optimization.evaluation import SimulationTrials
from optimization.neighbourhood.survey import Survey
from strategies import with_params
from tests.optimization.market import CANDLES, CONFIG, FAST


def run(folder: Path | None = None, config: OptimizationConfig = FAST, **arguments: Any) -> OptimizationEngine:
    """Return an engine that has searched the timeouts."""
    engine = OptimizationEngine(CANDLES, CONFIG, opt_config=config, ledger_folder=folder, **arguments)
    engine.optimize_stage_7_3()
    return engine


@pytest.fixture(scope="module")
def finished() -> OptimizationEngine:
    return run()


def test_values_are_those_of_single_backtests_bit_for_bit(finished: OptimizationEngine) -> None:
    result = finished.summary().stages["7.3"]
    each = result["neighbourhood"]["maps"][0]
    checked = 0
    for row, down in list(zip(each["values"], each["y_values"], strict=True))[::2]:
        for value, across in list(zip(row, each["x_values"], strict=True))[::3]:
            config = with_params(CONFIG, result["best_params"] | {each["x"]: across, each["y"]: down})
            metrics = BacktestEngine(CANDLES, config).run().metrics
            assert value == metrics.sharpe_ratio or (math.isnan(value) and metrics.total_trades < FAST.min_trades)
            checked += not math.isnan(value)
    assert checked > 4


def test_the_winner_is_the_stages_and_nothing_around_it_was_overlooked(finished: OptimizationEngine) -> None:
    result = finished.summary().stages["7.3"]
    found, importance = result["neighbourhood"], result["importance"]
    assert found["value"] == result["best_value"]
    assert found["groups"]["steps"]["points"] > 20
    assert found["stands_above"] == found["value"] - found["plateau_score"]
    assert set(importance["shares"]) == set(result["best_params"])


def test_an_interruption_around_the_winner_is_made_up_for_with_the_same_bytes(
    tmp_path: Path, finished: OptimizationEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, calls = Survey.read, [0]

    def interrupted(self: Survey, points: Any) -> Any:
        calls[0] += 1
        if calls[0] in (1, 3):
            raise KeyboardInterrupt
        return read(self, points)

    monkeypatch.setattr(Survey, "read", interrupted)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path).save_results()
    again = run(tmp_path)
    assert dumps(again.summary().as_dict()) == dumps(finished.summary().as_dict())
    assert json.loads(again.save_results().read_bytes())["stages"]["7.3"]["neighbourhood"]["verdict"]


def test_a_ledger_serves_a_run_that_looks_around_and_one_that_does_not(tmp_path: Path, finished: OptimizationEngine) -> None:
    off = run(tmp_path, FAST.replace(neighbourhood=False))
    result = off.summary().stages["7.3"]
    assert "neighbourhood" not in result
    assert "importance" not in result
    before = (tmp_path / "7.3.trials.log").read_bytes()
    on = run(tmp_path)
    assert (tmp_path / "7.3.trials.log").read_bytes() == before
    assert dumps(on.summary().as_dict()) == dumps(finished.summary().as_dict())


def test_a_walk_forward_window_looks_at_nothing_but_its_winner(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_arguments: Any) -> Any:
        raise AssertionError("a window needs no neighbours")

    monkeypatch.setattr(Survey, "read", forbidden)
    assert "neighbourhood" not in run(window=0).summary().stages["7.3"]


def test_points_come_to_the_same_alone_and_together() -> None:
    trials = SimulationTrials(CANDLES, CONFIG, 0.1, *_account())
    points = [{"ema_fast": fast, "rsi_period": rsi} for fast in (15, 20, 25) for rsi in (10, 14)]
    together = trials.start(points).advance(range(len(points)), trials.bars)
    alone = [trials.start([point]).advance([0], trials.bars)[0] for point in points]
    assert dumps(together) == dumps(alone)


def _account() -> tuple[Any, ...]:
    engine = OptimizationEngine(CANDLES, CONFIG)
    return engine._account[1:]
