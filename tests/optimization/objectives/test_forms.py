"""Every form of objective in the engine: what is found is what a backtest shows, and an interruption leaves no trace."""

import math
from pathlib import Path
from typing import Any

import pytest

from backtest_engine import BacktestEngine
from config import OptimizationConfig
from core.canonical_json import dumps
from optimization import OptimizationEngine, SearchProgress
from optimization.ledger import read_ledger
from strategies import with_params
from tests.optimization.market import CANDLES, CONFIG

SHORT = CANDLES[:1200]
FORMS: dict[str, dict[str, Any]] = {
    "quartile": {"objective": "sharpe_quartile"},
    "plateau": {"objective": "sharpe_plateau"},
    "own": {"objective": "mine.py"},
    "constraints": {"objective": "net_pnl", "constraints": {"max_drawdown": 0.7, "max_exposure": 40}},
    "several, tpe": {"objective": ["sharpe", "net_pnl_quartile"]},
    "several, nsga2": {
        "objective": ["calmar", "sharpe_plateau", "mine.py"],
        "optuna_sampler": "nsga2",
        "constraints": {"max_exposure": 40},
    },
    "several, qmc": {"objective": ["sharpe", "expectancy"], "optuna_sampler": "qmc"},
}


class Stop(Exception):
    """The end of a search that somebody interrupts."""


def engine(form: str, folder: Path, ledgers: Path | None, stop_at: int = 0) -> OptimizationEngine:
    mine = folder / "mine.py"
    mine.write_text("def objective(metrics):\n    return metrics['net_pnl'] + 100 * metrics['max_drawdown']\n")
    objective = FORMS[form]["objective"]
    names = objective if isinstance(objective, list) else [objective]
    named = [str(mine) if name == "mine.py" else name for name in names]
    settings = FORMS[form] | {"objective": named, "trials": 20, "min_trades": 1, "objective_blocks": 4}

    def report(progress: SearchProgress) -> None:
        if stop_at and progress.stage == "7.2" and progress.done >= stop_at:
            raise Stop

    return OptimizationEngine(SHORT, CONFIG, opt_config=OptimizationConfig(**settings), ledger_folder=ledgers, on_progress=report)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupted_search_ends_with_the_same_bytes(form: str, tmp_path: Path) -> None:
    whole = engine(form, tmp_path, tmp_path / "whole")
    whole.optimize_all()
    whole.save_results()
    for stop_at in (8, 16):
        with pytest.raises(Stop):
            engine(form, tmp_path, tmp_path / "cut", stop_at).optimize_all()
    cut = engine(form, tmp_path, tmp_path / "cut")
    cut.optimize_all()
    cut.save_results()
    assert bytes_of(tmp_path / "cut") == bytes_of(tmp_path / "whole")


@pytest.mark.parametrize("form", FORMS)
def test_every_trial_at_full_fidelity_has_the_metrics_of_a_backtest(form: str, tmp_path: Path) -> None:
    found = engine(form, tmp_path, tmp_path / "ledgers")
    found.optimize_stage_7_1()
    full = [record for record in found.ledger("7.1") if record.bars == len(SHORT)]
    for record in full[:4]:
        again = BacktestEngine(SHORT, with_params(CONFIG, record.params)).run()
        assert dumps(dict(record.metrics)) == dumps(again.metrics.as_dict())
    assert full


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("several")])
def test_several_objectives_run_every_trial_in_full_and_hand_the_knee_to_the_next_stage(form: str, tmp_path: Path) -> None:
    found = engine(form, tmp_path, tmp_path / "ledgers")
    result = found.optimize_stage_7_1()
    records = found.ledger("7.1")
    assert {record.state for record in records} <= {"complete", "infeasible", "few_trades", "undefined", "duplicate"}
    assert all(len(record.values) == len(result["pareto"]["objectives"]) for record in records if record.state == "complete")
    assert result["pareto"]["knee"] == result["best_trial"]
    member = next(each for each in result["pareto"]["front"] if each["trial"] == result["best_trial"])
    assert member["params"] == result["best_params"]
    assert member["values"][0] == result["best_value"]
    assert found.get_final_config() == with_params(CONFIG, result["best_params"])
    assert str(tmp_path) not in dumps(result)


def test_the_values_of_several_objectives_stand_in_the_ledger(tmp_path: Path) -> None:
    engine("several, tpe", tmp_path, tmp_path / "ledgers").optimize_stage_7_1()
    identity, records = read_ledger(tmp_path / "ledgers" / "7.1.trials.log")
    assert identity["objective"] == ["sharpe", "net_pnl_quartile"]
    complete = [record for record in records if record.state == "complete"]
    assert complete
    for record in complete:
        assert record.values[0] == record.metrics["sharpe_ratio"] == record.value
        assert "net_pnl_quartile" not in record.metrics


def test_no_trial_within_the_limits_keeps_the_base_and_advises(tmp_path: Path) -> None:
    wanted = OptimizationConfig(trials=10, constraints={"max_drawdown": 0.0001})  # type: ignore[arg-type]
    found = OptimizationEngine(SHORT, CONFIG, opt_config=wanted)
    result = found.optimize_stage_7_1()
    assert result["best_trial"] is None
    assert math.isnan(result["best_value"])
    assert found.get_final_config() == CONFIG
    assert "max_drawdown 0.0001 was broken by" in result["advice"]


def test_a_search_for_one_plain_objective_says_nothing_of_fronts_and_limits() -> None:
    result = OptimizationEngine(SHORT, CONFIG, opt_config=OptimizationConfig(trials=8, min_trades=1)).optimize_stage_7_1()
    assert {"pareto", "constraints", "advice"}.isdisjoint(result)


@pytest.mark.parametrize("limits", [{}, {"max_exposure": 45}])
def test_the_plateau_that_was_searched_for_is_the_one_found_around_the_winner(limits: dict[str, float]) -> None:
    wanted = OptimizationConfig(objective="sharpe_plateau", trials=20, min_trades=1, constraints=limits)  # type: ignore[arg-type]
    found = OptimizationEngine(SHORT, CONFIG, opt_config=wanted)
    found.optimize_stage_7_1()
    result = found.summary().stages["7.1"]
    assert result["best_trial"] is not None
    assert result["best_value"] == result["neighbourhood"]["plateau_score"]
