"""What a run tried: shown while its ledgers grow, published whole, and any trial simulated again to the last bit."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from core.checked_log import CheckedLog, read_checked_log
from core.paths import Paths
from optimization.times import PARTS
from optimization.trial_record import STATES, State
from pipeline.app import App
from pipeline.commands.show import STATES as OFFERED_STATES
from pipeline.interrupts import Interrupts
from tests.pipeline.conftest import Invoke, only_run

pytestmark = pytest.mark.xdist_group("finished run")


@pytest.fixture
def run_id(finished_root: Path) -> str:
    return only_run(finished_root / "data")


@pytest.fixture
def app(finished_root: Path, tmp_path: Path) -> App:
    """Return a program whose one run is a copy of the finished one, which a test may spoil."""
    shutil.copytree(finished_root / "data" / "checkpoints", tmp_path / "data" / "checkpoints")
    return App(Paths.under(tmp_path), Interrupts())


def ledgers(root: Path) -> list[Path]:
    return sorted((root / "data" / "checkpoints").rglob("*.trials.log"))


def respell(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Write a ledger again with ``change`` made to each of its lines, checksums right."""
    lines = read_checked_log(path)
    for line in lines:
        change(line)
    path.unlink()
    with CheckedLog(path) as log:
        log.append(lines)


def test_states_that_can_be_asked_for_are_those_of_the_ledger() -> None:
    assert OFFERED_STATES == STATES == get_args(State)


@pytest.mark.parametrize(("stage", "title"), [("07_optimize", "Optimization"), ("08_walkforward", "Walk-forward validation")])
def test_show_tells_where_the_time_went(finished: Invoke, run_id: str, finished_root: Path, stage: str, title: str) -> None:
    timings = json.loads((finished_root / "data" / "checkpoints" / run_id / "timings.json").read_bytes())
    entry = next(each for each in timings["stages"] if each["stage"] == stage)
    spent = [entry[f"{part}_seconds"] for part in PARTS]
    assert sum(spent) > 0.0
    lines = finished("show", run_id).out.partition("Where the time of the search went")[2].splitlines()
    line = next(line for line in lines if line.strip().startswith(title))
    assert re.findall(r"([\d.]+) s \((\d+)%\)", line) == [(f"{each:.2f}", f"{each / sum(spent):.0%}".rstrip("%")) for each in spent]


def test_show_lists_each_search_and_its_best_trials(finished: Invoke, run_id: str) -> None:
    ended = finished("show", run_id, "--trials", "--top", "4")
    assert (ended.code, ended.err) == (0, "")
    assert "Searches of SIMULATED BTCUSDT 1h (synthetic) for sharpe, sampler random" in ended.out
    assert "4 of 116, by objective" in ended.out
    assert "2 walk-forward windows have trials of their own: --window 0 shows the first." in ended.out
    assert "hybrid_tier1_timeout=" in finished("show", run_id, "--trials", "--stage", "7.3").out


def test_of_several_objectives_the_best_in_the_first_is_not_called_the_winner(
    invoke: Invoke, app: App, run_id: str, tmp_path: Path
) -> None:
    def change(line: dict[str, Any]) -> None:
        if "study" in line:
            line["study"]["objective"] = ["net_pnl", "calmar"]

    for path in ledgers(tmp_path):
        respell(path, change)
    ended = invoke("show", run_id, "--trials")
    assert re.search(r"best net_pnl +its trial", ended.out)
    assert "Of several objectives the knee of the Pareto front wins" in " ".join(ended.out.split())


def test_show_narrows_to_stage_window_state_and_sorts_by_a_metric(finished: Invoke, run_id: str, finished_root: Path) -> None:
    path = next(each for each in ledgers(finished_root) if each.parent.name == "window_01" and each.name == "7.2.trials.log")
    trials = [line for line in read_checked_log(path)[1:] if line["state"] == "pruned"]
    ended = finished(
        "show", run_id, "--trials", "--stage", "7.2", "--window", "1", "--state", "pruned", "--sort", "total_trades", "--top", "1"
    )
    assert ended.code == 0
    assert f"1 of {len(trials)}, by total_trades" in ended.out
    most = max(trials, key=lambda line: (line["metrics"]["total_trades"], -line["trial"]))
    assert [word for line in ended.out.splitlines() if line.strip().startswith("7.2") for word in line.split()[1:3]][-2:] == [
        str(most["trial"]),
        "pruned",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--trials", "--sort", "net_pln"), "Did you mean 'net_pnl'?"),
        (("--trials", "--window", "9"), "it has windows 0 to 1"),
        (("--trials", "--market", "none"), "has no market 'none'"),
        (("--trials", "--state", "excellent"), "'excellent' is not one of"),
        (("--trials", "--stage", "7.4"), "'7.4' is not one of"),
        (("--sort", "net_pnl"), "--sort belongs to --trials"),
    ],
)
def test_what_cannot_be_shown_is_said(finished: Invoke, run_id: str, arguments: tuple[str, ...], message: str) -> None:
    ended = finished("show", run_id, *arguments)
    assert ended.code == 2
    assert message in " ".join(ended.err.split())


def test_a_run_at_work_is_shown_as_far_as_it_is_and_its_files_are_left_alone(invoke: Invoke, app: App, run_id: str, tmp_path: Path) -> None:
    checkpoints = app.paths.checkpoints / run_id
    for path in ledgers(tmp_path):
        if path.name != "7.1.trials.log" or "window" in path.parent.name:
            path.unlink()
    (path,) = ledgers(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:10]) + lines[10][:-7])
    before = {each: each.read_bytes() for each in checkpoints.rglob("*") if each.is_file()}
    ended = invoke("show", run_id, "--trials")
    assert ended.code == 0
    assert "9 of 9, by objective" in ended.out
    assert {each: each.read_bytes() for each in checkpoints.rglob("*") if each.is_file()} == before
    path.unlink()
    assert "no trial has been made yet" in invoke("show", run_id, "--trials").out


def test_every_trial_is_published(finished_root: Path, run_id: str) -> None:
    (path,) = (finished_root / "data" / "exports" / run_id).glob("trials_*.parquet")
    table = pl.read_parquet(path)
    lines = [line for ledger in ledgers(finished_root) for line in read_checked_log(ledger)[1:]]
    assert len(table) == len(lines) == 116 * 3
    ours = {
        (row["window"], row["stage"], row["trial"]): (row["state"], row["score"], row["net_pnl"]) for row in table.iter_rows(named=True)
    }
    assert ours == {
        (line["window"], line["stage"], line["trial"]): (
            line["state"], line["scores"][-1] if line["scores"] else None, line["metrics"].get("net_pnl"),
        )
        for line in lines
    }  # fmt: skip


def test_a_trial_of_every_state_stage_and_window_comes_out_as_it_was_stored(finished: Invoke, run_id: str, finished_root: Path) -> None:
    seen: set[str] = set()
    for path in ledgers(finished_root):
        if path.parent.name == "window_00":
            continue
        window = ("--window", "1") if path.parent.name == "window_01" else ()
        of_state = {line["state"]: line["trial"] for line in read_checked_log(path)[1:]}
        seen |= of_state.keys()
        for number in of_state.values():
            ended = finished("backtest", "--run", run_id, "--trial", str(number), "--stage", path.name[:3], *window, "-q")
            assert (ended.code, ended.err) == (0, ""), (path, number)
            assert "All 31 metrics and every score equal the stored ones, bit for bit." in ended.out
    assert seen >= {"complete", "pruned"}


def test_of_a_duplicate_the_original_is_replayed(invoke: Invoke, app: App, run_id: str, tmp_path: Path) -> None:
    def change(line: dict[str, Any]) -> None:
        if line.get("trial") == 5:
            line |= {"state": "duplicate", "duplicate_of": 2, "metrics": {}, "scores": [], "bars": 0, "fidelity": 0}

    path = next(each for each in ledgers(tmp_path) if each.name == "7.1.trials.log" and "window" not in each.parent.name)
    respell(path, change)
    ended = invoke("backtest", "--run", run_id, "--trial", "5", "--stage", "7.1", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert "trial 5: duplicate of trial 2, which is replayed in its place" in ended.out
    assert "bit for bit" in ended.out


def test_without_a_stage_the_trial_of_each_stage_is_replayed(finished: Invoke, run_id: str) -> None:
    assert finished("backtest", "--run", run_id, "--trial", "3", "-q").out.count("bit for bit") == 3
    assert finished("backtest", "--run", run_id, "--trial", "20", "-q").out.count("bit for bit") == 2


def test_a_stored_metric_that_does_not_come_out_is_an_error_with_both_values(invoke: Invoke, app: App, run_id: str, tmp_path: Path) -> None:
    def nudge(line: dict[str, Any]) -> None:
        if line.get("trial") == 0:
            line["metrics"]["final_equity"] += 1e-9

    path = next(each for each in ledgers(tmp_path) if each.name == "7.2.trials.log" and "window" not in each.parent.name)
    stored = read_checked_log(path)[1]["metrics"]["final_equity"]
    respell(path, nudge)
    ended = invoke("backtest", "--run", run_id, "--trial", "0", "--stage", "7.2", "-q")
    assert ended.code == 1
    assert f"final_equity was {json.dumps(stored + 1e-9)} and is now {json.dumps(stored)}" in ended.err
    assert "net_pnl" not in ended.err


def test_what_failed_in_the_search_and_what_a_gpu_scored_are_told_apart(invoke: Invoke, app: App, run_id: str, tmp_path: Path) -> None:
    def change(line: dict[str, Any]) -> None:
        if line.get("trial") == 0:
            line |= {"state": "failed", "error": "ValueError: no", "metrics": {}, "scores": [], "bars": 0, "fidelity": 0}
        if line.get("trial") == 1:
            line["state"] = "screened"
            line["metrics"]["fees"] += 0.5

    path = next(each for each in ledgers(tmp_path) if each.name == "7.1.trials.log" and "window" not in each.parent.name)
    respell(path, change)
    failed = invoke("backtest", "--run", run_id, "--trial", "0", "--stage", "7.1", "-q")
    assert failed.code == 0
    assert "it failed in the search (ValueError: no) and does not now" in failed.text
    screened = invoke("backtest", "--run", run_id, "--trial", "1", "--stage", "7.1", "-q")
    assert screened.code == 0
    assert "the stored figures are a GPU's, these the processor's; they differ in fees was" in screened.text


@pytest.mark.parametrize(
    ("name", "value"), [("order_qty", 0.5), ("strategy", "0" * 64), ("candles", "f" * 64), ("objective_files", ["0" * 64])]
)
def test_a_ledger_of_other_inputs_is_refused_by_name(
    invoke: Invoke, app: App, run_id: str, tmp_path: Path, name: str, value: object
) -> None:
    path = next(each for each in ledgers(tmp_path) if each.name == "7.1.trials.log" and "window" not in each.parent.name)
    respell(path, lambda line: line["study"].update({name: value}) if "study" in line else None)
    ended = invoke("backtest", "--run", run_id, "--trial", "0", "--stage", "7.1", "-q")
    assert ended.code == 1
    assert f"were made with other {name} than" in ended.err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line["study"].pop("base") if "study" in line else None, "does not say what its base was"),
        (lambda line: line.update(state="duplicate", duplicate_of=900) if line.get("trial") == 5 else None, "repeats no earlier one (900)"),
    ],
    ids=["settings", "duplicate"],
)
def test_a_ledger_that_lacks_what_a_replay_needs_is_refused(
    invoke: Invoke, app: App, run_id: str, tmp_path: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    path = next(each for each in ledgers(tmp_path) if each.name == "7.1.trials.log" and "window" not in each.parent.name)
    respell(path, change)
    ended = invoke("backtest", "--run", run_id, "--trial", "5", "--stage", "7.1", "-q")
    assert ended.code == 1
    assert message in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--trial", "900"), "has no trial 900 in the search of"),
        (("--trial", "0", "--window", "7"), "has no walk-forward window 7: it has 2, from 0"),
        (("--trial", "0", "--market", "none"), "has no market 'none'"),
        (("--trial", "0", "--seed", "3"), "a trial is replayed with the settings of its run"),
        ((), "--run and --trial belong together"),
    ],
)
def test_what_cannot_be_replayed_is_said(finished: Invoke, run_id: str, arguments: tuple[str, ...], message: str) -> None:
    ended = finished("backtest", "--run", run_id, *arguments)
    assert ended.code == 2
    assert message in " ".join(ended.err.split())


def test_options_of_a_replay_are_refused_without_one(invoke: Invoke) -> None:
    ended = invoke("backtest", "--stage", "7.2")
    assert ended.code == 2
    assert "--stage belongs to the replay of a trial" in ended.err
