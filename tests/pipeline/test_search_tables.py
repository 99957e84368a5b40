"""What stages 4 and 7 show and hash of objectives and constraints."""

from pathlib import Path

import pytest

from config import Constraints, OptimizationConfig, RunConfig
from core.errors import ConfigError
from optimization import OptimizationEngine
from pipeline.search_tables import constraint_words, objective_words, search_tables, search_warnings
from pipeline.settings import anchored
from pipeline.stages.stage04_strategy import searched
from tests.optimization.market import CANDLES, CONFIG

OWN = "def objective(metrics):\n    return metrics['net_pnl']\n"


def test_words_name_the_objectives_and_the_limits() -> None:
    assert objective_words(OptimizationConfig(objective="sharpe_plateau")) == "sharpe_plateau"
    assert objective_words(OptimizationConfig(objective=("sharpe", "a/b/mine.py"))).startswith("sharpe and mine.py (a Pareto front")
    assert constraint_words(Constraints(max_drawdown=12.5, min_trades=30)) == "max_drawdown 12.5 %, min_trades 30 trades"


def test_an_edited_objective_is_another_input_and_its_folder_is_not_stored(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(OWN)
    before = searched(OptimizationConfig(objective=("sharpe", str(mine))))
    mine.write_text(OWN.replace("net_pnl", "expectancy"))
    after = searched(OptimizationConfig(objective=("sharpe", str(mine))))
    assert before != after
    assert before["objective"] == after["objective"] == ["sharpe", "mine.py"]
    assert str(tmp_path) not in repr(after)


def test_plain_objectives_are_stored_as_they_are() -> None:
    assert searched(OptimizationConfig())["objective"] == "sharpe"
    assert "objective_files" not in searched(OptimizationConfig(objective=("sharpe", "calmar")))


def test_a_missing_file_is_refused_in_stage_4() -> None:
    with pytest.raises(ConfigError, match="cannot read the objective file"):
        searched(OptimizationConfig(objective="nobody.py"))


def test_a_relative_path_is_made_absolute_for_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mine.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    kept = anchored(RunConfig(optimization=OptimizationConfig(objective=("sharpe", "mine.py"))))
    assert kept.optimization.objective == ("sharpe", str(tmp_path / "mine.py"))


def test_front_and_limits_become_tables_and_no_valid_trial_a_warning() -> None:
    wanted = OptimizationConfig(
        objective=("sharpe", "net_pnl"),
        optuna_sampler="qmc",
        trials=24,
        min_trades=1,
        constraints=Constraints(max_exposure=45),
        neighbourhood=False,
    )
    search = OptimizationEngine(CANDLES[:1200], CONFIG, opt_config=wanted)
    search.optimize_stage_7_1()
    front, limits = search_tables(search.summary())
    knee = [row for row in front.rows if row[0] == "knee"]
    assert [row[1] for row in knee] == [str(search.summary().stages["7.1"]["best_trial"])]
    assert front.columns == ("", "trial", "sharpe", "net_pnl")
    assert "Trial" in front.note
    assert [row[:3] for row in limits.rows] == [("7.1", "max_exposure", "45 % of the bars")]
    assert search_warnings("X", search.summary()) == []

    strict = OptimizationConfig(trials=8, constraints=Constraints(max_drawdown=0.0001), neighbourhood=False)
    nothing = OptimizationEngine(CANDLES[:1200], CONFIG, opt_config=strict)
    nothing.optimize_stage_7_1()
    (warning,) = search_warnings("X", nothing.summary())
    assert warning.startswith("X, stage 7.1: No trial is valid")


def test_one_plain_objective_has_no_further_tables() -> None:
    search = OptimizationEngine(CANDLES[:1200], CONFIG, opt_config=OptimizationConfig(trials=8, neighbourhood=False))
    search.optimize_stage_7_1()
    assert search_tables(search.summary()) == []
