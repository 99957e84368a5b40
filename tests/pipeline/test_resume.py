"""A run goes on where it stopped; what is damaged is named; one process works on a run at a time."""

import shutil
from pathlib import Path

import pytest

from core.canonical_json import dump_bytes, read_json
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from pipeline.program import command_to
from reporting import read_result
from tests.pipeline.conftest import Invoke, only_run
from tests.pipeline.digests import differing, run_digests

pytestmark = pytest.mark.xdist_group("finished run")


@pytest.fixture
def copied(finished_root: Path, tmp_path: Path) -> RunFolder:
    """Return a copy of the finished run, to be damaged, in the test's own folders."""
    shutil.copytree(finished_root / "data", tmp_path / "data")
    return RunFolder(Paths.under(tmp_path), only_run(tmp_path / "data"))


def test_part_of_the_pipeline_goes_on_with_the_rest(invoke: Invoke, small_file: Path, finished_root: Path, tmp_path: Path) -> None:
    assert invoke("backtest", "--quiet", "--config", str(small_file)).code == 0
    ended = invoke("show", only_run(tmp_path / "data"))
    assert "not yet" in ended.out
    assert f"Continue with: {command_to('resume')}" in ended.out
    ended = invoke("resume")
    assert ended.code == 0
    assert "Stage 5: Candles and baseline backtest: done before, unchanged" in ended.out
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (finished_root, tmp_path))
    assert differing(first, second) == []


@pytest.mark.parametrize(
    ("command", "name"), [("optimize", "07_optimize/{}/optimization.json"), ("walkforward", "08_walkforward/{}/walkforward.json")]
)
def test_one_stage_alone_gives_what_the_whole_run_gives(
    invoke: Invoke, small_file: Path, finished_root: Path, tmp_path: Path, command: str, name: str
) -> None:
    ended = invoke(command, "--config", str(small_file))
    assert ended.code == 0
    assert "Saved as run" in ended.out
    alone, whole = (root / "data" / "checkpoints" / only_run(root / "data") for root in (tmp_path, finished_root))
    file = name.format("simulated_btcusdt_1h")
    assert (alone / file).read_bytes() == (whole / file).read_bytes()


@pytest.mark.parametrize("stage", ["05_baseline", "07_optimize", "08_walkforward", "09_report"])
def test_stage_whose_commit_is_missing_is_done_again_to_the_same_bytes(
    invoke: Invoke, copied: RunFolder, finished_root: Path, stage: str
) -> None:
    (copied.checkpoints / stage / "stage.json").unlink()
    ended = invoke("resume", copied.run_id)
    assert ended.code == 0
    assert differing(run_digests(copied.paths.data, copied.run_id), run_digests(finished_root / "data", copied.run_id)) == []


def test_other_limits_judge_the_same_files_anew(invoke: Invoke, copied: RunFolder) -> None:
    content = read_json(copied.settings_file)
    content["settings"]["verdict"] = {"profitable_windows_from": 0.123, "doubled_costs_profit_above": -1e9}
    copied.settings_file.write_bytes(dump_bytes(content))
    ended = invoke("resume", copied.run_id)
    assert ended.code == 0
    assert "Stage 8: Walk-forward validation: done before, unchanged" in ended.out
    (market,) = read_result(copied.results, "report")["markets"].values()
    gates = {gate["name"]: gate for gate in market["verdict"]["gates"]}
    assert gates["profitable_windows"]["threshold"] == 0.123
    assert gates["doubled_costs_profit"]["passed"]
    assert read_result(copied.results, "run")["settings"]["verdict"]["profitable_windows_from"] == 0.123


def test_ledger_cut_in_the_middle_of_a_line_is_continued(invoke: Invoke, copied: RunFolder, finished_root: Path) -> None:
    folder = copied.checkpoints / "07_optimize"
    (folder / "stage.json").unlink()
    ledger = folder / "simulated_btcusdt_1h" / "7.2.trials.log"
    ledger.write_bytes(ledger.read_bytes()[:-4000])
    (folder / "simulated_btcusdt_1h" / "7.3.trials.log").unlink()
    ended = invoke("resume", copied.run_id)
    assert ended.code == 0
    assert differing(run_digests(copied.paths.data, copied.run_id), run_digests(finished_root / "data", copied.run_id)) == []


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("03_selection/stage.json", "is not valid JSON"),
        ("05_baseline/simulated_btcusdt_1h/candles.parquet", "SHA-256 does not match"),
        ("07_optimize/simulated_btcusdt_1h/7.1.trials.log", "SHA-256 does not match"),
        ("08_walkforward/simulated_btcusdt_1h/walkforward.json", "SHA-256 does not match"),
        ("run.json", "is damaged"),
    ],
)
def test_corrupt_checkpoint_is_named_with_the_way_on(invoke: Invoke, copied: RunFolder, name: str, how: str) -> None:
    path = copied.checkpoints / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    ended = invoke("resume", copied.run_id)
    assert ended.code == 1
    assert str(path) in ended.err
    assert how in ended.err
    assert "resume" in ended.text or "run --config" in ended.text
    assert "Traceback" not in ended.text


def test_way_on_after_a_corrupt_checkpoint_works(invoke: Invoke, copied: RunFolder, finished_root: Path) -> None:
    path = copied.checkpoints / "05_baseline" / "simulated_btcusdt_1h" / "candles.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert f"Remove {copied.checkpoints / '05_baseline' / 'stage.json'} and resume" in invoke("resume", copied.run_id).err
    (copied.checkpoints / "05_baseline" / "stage.json").unlink()
    assert invoke("resume", copied.run_id, "--quiet").code == 0
    assert differing(run_digests(copied.paths.data, copied.run_id), run_digests(finished_root / "data", copied.run_id)) == []


def test_unfinished_work_of_other_settings_is_never_continued(invoke: Invoke, copied: RunFolder) -> None:
    folder = copied.checkpoints / "07_optimize"
    (folder / "stage.json").unlink()
    (folder / "begun.json").write_bytes(b'{"inputs":{},"code":"other"}\n')
    (folder / "left behind").write_text("by another program")
    ended = invoke("resume", copied.run_id)
    assert ended.code == 0
    assert "it starts over" in ended.out
    assert not (folder / "left behind").exists()


def test_temporary_files_of_a_killed_process_are_removed(invoke: Invoke, copied: RunFolder) -> None:
    places = [copied.checkpoints, copied.checkpoints / "05_baseline" / "simulated_btcusdt_1h", copied.results, copied.exports]
    left = [place / ".name.json.tmp.4711.0badcafe" for place in places]
    left.append(copied.paths.raw_logs / "SIMULATED_BTCUSDT" / f".{copied.run_id}.jsonl.tmp.4711.0badcafe")
    for path in left:
        path.write_text("half")
    assert invoke("resume", "--quiet", copied.run_id).code == 0
    assert not any(path.exists() for path in left)


def test_same_run_twice_is_refused(invoke: Invoke, copied: RunFolder) -> None:
    with RunLock(copied.checkpoints):
        ended = invoke("resume", copied.run_id)
    assert ended.code == 1
    assert f"run {copied.run_id} is being worked on by process" in ended.err


def test_resume_without_any_run_says_how_to_start_one(invoke: Invoke) -> None:
    ended = invoke("resume")
    assert ended.code == 2
    assert "run_pipeline.py demo" in ended.err
