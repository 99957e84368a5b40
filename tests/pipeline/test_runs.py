"""What can be done with a finished run: list, show, compare, explain, resume."""

from pathlib import Path

import pytest

from core.paths import Paths
from reporting import GATES
from tests.pipeline.conftest import Invoke, only_run, write_settings

pytestmark = pytest.mark.xdist_group("finished run")
# A command that goes on with a run says who works on it and how far it is, even if there is nothing to do.
WRITTEN = ("run.lock", "progress.json")


@pytest.fixture
def run_id(finished_root: Path) -> str:
    return only_run(finished_root / "data")


def test_runs_lists_it_as_finished(finished: Invoke, run_id: str) -> None:
    ended = finished("runs")
    assert ended.code == 0
    assert run_id in ended.out
    assert "finished" in ended.out
    assert "synthetic" in ended.out


def test_show_has_comparison_windows_gates_and_verdict(finished: Invoke, run_id: str) -> None:
    ended = finished("show", run_id)
    assert ended.code == 0
    for text in ("Baseline", "7.1 integers", "7.2 floats", "7.3 timeouts", "Walk-forward", "Gates", "Verdict for", "synthetic"):
        assert text in ended.out
    for info in GATES.values():
        assert info.label in ended.out


def test_show_all_has_every_metric(finished: Invoke, run_id: str) -> None:
    assert "Calmar ratio" not in finished("show", run_id).out
    assert "Calmar ratio" in finished("show", run_id, "--all").out


def test_show_all_has_every_figure_behind_the_gates(finished: Invoke, run_id: str) -> None:
    assert "How much of it may be luck" not in finished("show", run_id).out
    ended = finished("show", run_id, "--all")
    for text in ("How much of it may be luck", "Deflated Sharpe ratio", "Reality check", "combinatorial paths"):
        assert text in ended.out


def test_compare_of_a_run_with_itself_differs_in_nothing(finished: Invoke, run_id: str) -> None:
    ended = finished("compare", run_id, run_id)
    assert ended.code == 0
    assert "no setting differs" in ended.out


def test_compare_names_dates_as_dates(invoke: Invoke, paths: Paths, tmp_path: Path) -> None:
    for end in ("2024-04-10", "2024-04-09"):
        assert invoke("run", "--quiet", "--no-serve", "--config", str(write_settings(tmp_path / "small.yaml", end=end))).code == 0
    ended = invoke("compare", *sorted(folder.name for folder in paths.results.iterdir()))
    dates = next(line for line in ended.out.splitlines() if line.strip().startswith("end_ms"))
    assert "2024-04-10 00:00 UTC" in dates
    assert "2024-04-09 00:00 UTC" in dates


def test_unknown_run_offers_the_nearest(finished: Invoke, run_id: str) -> None:
    ended = finished("show", f"{run_id[:-1]}x")
    assert ended.code == 2
    assert f"Did you mean '{run_id}'?" in ended.err


@pytest.mark.parametrize("bad", ["../etc", "UPPER", "", "a/b"])
def test_run_id_is_a_plain_name(finished: Invoke, bad: str) -> None:
    ended = finished("show", bad)
    assert ended.code == 2
    assert "is no run id" in ended.err


def test_explain_tells_the_rule_that_closed_the_trade(finished: Invoke, run_id: str) -> None:
    ended = finished("explain", run_id, "0")
    assert ended.code == 0
    assert "signals" in ended.out
    assert "the position is closed at" in ended.out


def test_explain_tells_a_trade_of_the_optimized_parameters(finished: Invoke, run_id: str) -> None:
    ended = finished("explain", run_id, "0", "--optimized")
    assert ended.code == 0
    assert "optimized parameters, trade 0" in ended.out


def test_explain_tells_a_trade_of_a_walk_forward_window(finished: Invoke, run_id: str) -> None:
    ended = finished("explain", run_id, "0", "--window", "1")
    assert ended.code == 0, ended.err
    assert "walk-forward window 1, trade 0" in ended.out
    assert "the position is closed at" in ended.out
    for arguments, message in (
        (("--window", "9"), "there is no window 9: the walk-forward has 2, numbered from 0"),
        (("--window", "1", "--optimized"), "exclude each other"),
    ):
        ended = finished("explain", run_id, "0", *arguments)
        assert (ended.code, message in ended.err) == (2, True), ended.err


@pytest.mark.parametrize(
    ("which", "message"),
    [("99999", "there is no trade 99999"), ("missed:99999", "there is no missed entry"), ("x", "names no trade")],
)
def test_explain_of_what_is_not_there_says_so(finished: Invoke, run_id: str, which: str, message: str) -> None:
    ended = finished("explain", run_id, which)
    assert ended.code == 2
    assert message in ended.err


def test_explain_offers_the_nearest_market(finished: Invoke, run_id: str) -> None:
    ended = finished("explain", run_id, "0", "--market", "simulated_btcusd_1h")
    assert ended.code == 2
    assert "simulated_btcusdt_1h" in ended.err


def test_resume_of_a_finished_run_computes_nothing_again(finished: Invoke, finished_root: Path, run_id: str) -> None:
    checkpoints = finished_root / "data" / "checkpoints" / run_id
    before = {path: path.stat().st_mtime_ns for path in checkpoints.rglob("*") if path.is_file() and path.name not in WRITTEN}
    ended = finished("resume")
    assert ended.code == 0
    assert ended.out.count("done before, unchanged") == 10
    assert before == {path: path.stat().st_mtime_ns for path in checkpoints.rglob("*") if path.is_file() and path.name not in WRITTEN}


def test_report_that_was_deleted_is_published_again(finished: Invoke, finished_root: Path, run_id: str) -> None:
    report = finished_root / "data" / "results" / run_id / "report.json"
    content = report.read_bytes()
    report.unlink()
    assert finished("resume", run_id, "--quiet").code == 0
    assert report.read_bytes() == content


def test_settings_kept_beside_the_run_repeat_it(finished_root: Path, run_id: str, invoke: Invoke, tmp_path: Path) -> None:
    kept = finished_root / "data" / "checkpoints" / run_id / "run.yaml"
    assert invoke("backtest", "--quiet", "--config", str(kept)).code == 0
    name = Path("05_baseline") / "simulated_btcusdt_1h" / "baseline.json"
    again = tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / name
    assert again.read_bytes() == (finished_root / "data" / "checkpoints" / run_id / name).read_bytes()


def test_published_folders_are_named_where_they_are(
    invoke: Invoke, small_file: Path, paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    ended = invoke("run", "--no-serve", "--config", str(small_file))
    assert str(paths.results / only_run(paths.data)) in ended.out
    assert str(paths.exports / only_run(paths.data)) in ended.out
