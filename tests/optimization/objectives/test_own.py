"""A user's own objective: one function in one file; what is wrong with it is told once, and the search goes on."""

import logging
import math
import os
from pathlib import Path

import pytest

from config import OptimizationConfig
from core.errors import ConfigError, OptimizationError
from optimization import OptimizationEngine
from optimization.ledger import TrialLedger
from optimization.objectives import Judge, ObjectiveError
from optimization.objectives.own import load_objective
from optimization.search import search
from tests.optimization.fakes import FakeTrials, Metrics, Params, hill, metrics, plan
from tests.optimization.market import CANDLES, CONFIG

HALF = "def objective(metrics):\n    return metrics['sharpe_ratio'] / 2\n"


def file(folder: Path, text: str = HALF, name: str = "mine.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def returning(folder: Path, expression: str) -> Judge:
    return Judge((file(folder, f"def objective(metrics):\n    return {expression}\n"),))


def test_the_search_raises_what_the_function_returns(tmp_path: Path) -> None:
    names = (file(tmp_path),)
    wanted = plan(objectives=names, objective_digests=Judge(names).digests)
    own, plain = (search(each, TrialLedger({}), FakeTrials(hill)) for each in (wanted, plan()))
    assert [each.params for each in own] == [each.params for each in plain]  # half of everything has the same order
    assert [each.scores for each in own] == [tuple(None if x is None else x / 2 for x in each.scores) for each in plain]


@pytest.mark.parametrize("expression", ["float('nan')", "float('inf')", "-1e999", "10 ** 400", "metrics['calmar_ratio']"])
def test_what_is_not_finite_is_undefined(tmp_path: Path, expression: str) -> None:
    (value,) = returning(tmp_path, expression).values(metrics(1.0))
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("expression", "value"), [("3", 3.0), ("__import__('numpy').float32(0.5)", 0.5), ("__import__('fractions').Fraction(1, 4)", 0.25)]
)
def test_any_real_number_will_do(tmp_path: Path, expression: str, value: float) -> None:
    assert returning(tmp_path, expression).values(metrics(1.0)) == (value,)


@pytest.mark.parametrize("expression", ["True", "None", "'12'", "[1.0]", "1j", "__import__('numpy').bool_(True)", "metrics"])
def test_what_is_no_number_fails_the_trial_and_says_what_it_was(tmp_path: Path, expression: str) -> None:
    with pytest.raises(ObjectiveError, match=r"mine\.py returned .*, not a number"):
        returning(tmp_path, expression).values(metrics(1.0))


def test_a_function_that_raises_fails_its_trial_and_the_others_go_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    text = "def objective(metrics):\n    return 1 / (metrics['total_trades'] - 50)\n"

    def measure(params: Params, share: float) -> Metrics:
        return hill(params, share) | {"total_trades": 50 if params["period"] > 20 else 60}

    names = (file(tmp_path, text),)
    wanted = plan(objectives=names, objective_digests=Judge(names).digests, sampler="random")
    with caplog.at_level(logging.WARNING):
        found = search(wanted, TrialLedger({}), FakeTrials(measure))
    failed = [record for record in found if record.state == "failed"]
    assert len(failed) > 3
    assert {record.error for record in failed} == {"the objective of mine.py failed: ZeroDivisionError: division by zero"}
    assert {record.bars for record in failed} == {297}  # they were simulated that far, and no bar of these was saved
    assert any(record.state == "complete" for record in found)
    assert len([record for record in caplog.records if "mine.py" in record.message]) == 1


def test_an_undefined_value_is_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    names = (file(tmp_path, "def objective(metrics):\n    return float('nan')\n"),)
    wanted = plan(objectives=names, objective_digests=Judge(names).digests)
    with caplog.at_level(logging.WARNING):
        found = search(wanted, TrialLedger({}), FakeTrials(hill))
    assert {record.state for record in found} <= {"undefined", "pruned", "duplicate"}
    assert len([record for record in caplog.records if "mine.py" in record.message]) == 1


def test_when_every_trial_failed_the_message_points_at_the_file(tmp_path: Path) -> None:
    names = (file(tmp_path, "def objective(metrics):\n    return metrics['sharpe']\n"),)
    with pytest.raises(OptimizationError) as caught:
        search(plan(objectives=names, objective_digests=Judge(names).digests), TrialLedger({}), FakeTrials(hill))
    assert "KeyError: 'sharpe'" in str(caught.value)
    assert "Check the file of the objective" in str(caught.value)


def test_the_function_cannot_change_what_the_ledger_keeps(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="does not support item assignment"):
        Judge((file(tmp_path, "def objective(metrics):\n    metrics['sharpe_ratio'] = 9\n    return 9\n"),)).values(metrics(1.0))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "defines no function 'objective'"),
        ("objective = 3\n", "defines no function 'objective'"),
        ("def objective():\n    return 1\n", r"objective\(\) cannot be called with the metrics alone"),
        ("def objective(metrics, trades):\n    return 1\n", "cannot be called with the metrics alone"),
        ("def objective(metrics)\n", "SyntaxError"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError"),
        ("raise SystemExit(3)\n", "SystemExit"),
        ("x = '\0'\n", "SyntaxError|ValueError"),
    ],
)
def test_a_file_without_an_objective_is_refused_before_any_trial(tmp_path: Path, text: str, told: str) -> None:
    wanted = OptimizationConfig(objective=file(tmp_path, text))
    with pytest.raises(ConfigError, match=told):
        OptimizationEngine(CANDLES, CONFIG, opt_config=wanted)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the objective file"):
        load_objective(str(tmp_path / "nobody.py"))


def test_an_edited_file_is_loaded_anew_and_its_ledger_is_not_continued(tmp_path: Path) -> None:
    mine, folder = file(tmp_path), tmp_path / "ledger"
    wanted = OptimizationConfig(objective=mine, trials=6, min_trades=1)
    before = OptimizationEngine(CANDLES, CONFIG, opt_config=wanted, ledger_folder=folder).optimize_stage_7_1()
    assert before["best_value"] == before["best_sharpe"] / 2
    file(tmp_path, HALF.replace("/ 2", "/ 4"))
    with pytest.raises(OptimizationError, match="objective_files"):
        OptimizationEngine(CANDLES, CONFIG, opt_config=wanted, ledger_folder=folder).optimize_stage_7_1()
    fresh = OptimizationEngine(CANDLES, CONFIG, opt_config=wanted).optimize_stage_7_1()
    assert fresh["best_value"] == fresh["best_sharpe"] / 4


def test_an_edit_of_the_same_second_and_length_is_seen(tmp_path: Path) -> None:
    path = Path(file(tmp_path))
    first = load_objective(str(path))
    stamp = path.stat()
    file(tmp_path, HALF.replace("/ 2", "/ 4"))
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert [each.value(metrics(1.0)) for each in (first, load_objective(str(path)))] == [0.5, 0.25]
    assert not (tmp_path / "__pycache__").exists()


def test_a_function_that_leaves_fails_its_trial_not_the_run(tmp_path: Path) -> None:
    with pytest.raises(ObjectiveError, match="SystemExit"):
        returning(tmp_path, "exit(3)").values(metrics(1.0))


def test_the_trace_of_a_failure_names_the_line_of_the_file(tmp_path: Path) -> None:
    mine = file(tmp_path, "def objective(metrics):\n    return 1 / 0\n")
    with pytest.raises(ZeroDivisionError) as caught:
        load_objective(mine).function({})
    assert (str(caught.traceback[-1].path), caught.traceback[-1].lineno) == (mine, 1)


def test_a_file_edited_between_the_plan_and_the_search_stops_it(tmp_path: Path) -> None:
    names = (file(tmp_path),)
    wanted = plan(objectives=names, objective_digests=Judge(names).digests)
    file(tmp_path, HALF + "\n")
    with pytest.raises(OptimizationError, match=r"mine\.py was edited"):
        search(wanted, TrialLedger({}), FakeTrials(hill))


def test_a_file_that_is_moved_is_the_same_objective(tmp_path: Path) -> None:
    mine, other, folder = file(tmp_path), tmp_path / "elsewhere", tmp_path / "ledger"
    other.mkdir()
    done = []
    for each in (mine, file(other)):
        wanted = OptimizationConfig(objective=each, trials=4)
        done.append(OptimizationEngine(CANDLES, CONFIG, opt_config=wanted, ledger_folder=folder).optimize_stage_7_1())
    assert repr(done[0]) == repr(done[1])
