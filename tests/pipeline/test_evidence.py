"""What a run asks of luck by itself: complete in its files, gone on from, and left alone where there is no search."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from config import OptimizationConfig
from core.canonical_json import read_json
from core.paths import Paths
from core.run_folder import RunFolder
from optimization import STAGES, read_ledger
from optimization.executors import Lost, Study
from pipeline.fleet import Fleet
from pipeline.workers import Choice
from reporting.schema import read_significance
from reporting.trial_tables import ledger_files
from tests.pipeline.conftest import SMALL, Invoke, only_run, write_settings
from tests.pipeline.digests import differing, run_digests

pytestmark = pytest.mark.xdist_group("finished run")
SLUG = "simulated_btcusdt_1h"


@pytest.fixture
def finished(finished_root: Path) -> RunFolder:
    return RunFolder(Paths.under(finished_root), only_run(finished_root / "data"))


def test_evidence_is_fed_from_the_ledgers_of_the_search_and_of_every_window(finished: RunFolder) -> None:
    content = read_significance(finished.results)[SLUG]
    files = ledger_files(finished, SLUG)
    records = [record for file in files if file.window is None for record in read_ledger(file.path)[1]]
    windows = [record for file in files if file.window is not None for record in read_ledger(file.path)[1]]
    assert len(files) == len(STAGES) * 3, "the whole series and two windows"
    assert content["trials"]["raw"] == len(records) == sum(content["trials"]["states"].values())
    assert content["trials"]["in_windows"] == sum(record.state != "duplicate" for record in windows)
    assert content["trials"]["compared"] <= content["trials"]["unique"] <= len(records)
    assert content["settings"] == SMALL["significance"] | {"path_groups": 6, "path_test_groups": 2, "most_trials": 1000}


def test_both_permutation_tests_have_searched_as_many_histories_as_asked_for(finished: RunFolder) -> None:
    content = read_significance(finished.results)[SLUG]
    for name, count in (("permutation", 3), ("walkforward_permutation", 2)):
        found = content[name]
        assert found["permutations"] == count
        assert found["value"] == (1 + found["better"]) / (count + 1)
        assert found["objective"] == "sharpe"
        assert "fixed points" in found["note"]


def test_stage_5_says_what_the_settings_can_prove(finished: RunFolder) -> None:
    baseline = read_json(finished.results / "baseline.json")["markets"][SLUG]
    assert baseline["provable"]["trials"] == 50 + 50 + 16
    assert baseline["provable"]["days"] == 100
    assert baseline["provable"]["noise_sharpe"] > 4


def test_a_walk_forward_alone_has_no_evidence_and_gets_it_when_the_search_is_made(
    invoke: Invoke, small_file: Path, finished_root: Path, tmp_path: Path
) -> None:
    assert invoke("walkforward", "--config", str(small_file)).code == 0
    folder = tmp_path / "data" / "checkpoints" / only_run(tmp_path / "data") / "08_walkforward" / SLUG
    assert not (folder / "significance.json").exists()
    ledgers = {path: path.stat().st_ino for path in folder.rglob("*.trials.log")}
    assert len(ledgers) == 2 * len(STAGES)
    ended = invoke("resume")
    assert ended.code == 0
    assert "Edge or luck" in ended.out
    assert {path: path.stat().st_ino for path in folder.rglob("*.trials.log")} == ledgers, "no window was searched again"
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (finished_root, tmp_path))
    assert differing(first, second) == []


@pytest.mark.parametrize("lost", ["permutations/00000/scores.json", "significance.json"])
def test_what_an_interruption_took_is_computed_again_to_the_same_bytes(
    invoke: Invoke, finished_root: Path, tmp_path: Path, lost: str
) -> None:
    shutil.copytree(finished_root / "data", tmp_path / "data")
    run = RunFolder(Paths.under(tmp_path), only_run(tmp_path / "data"))
    stage = run.checkpoints / "08_walkforward"
    (stage / "stage.json").unlink()
    (stage / SLUG / lost).unlink()
    (stage / SLUG / "permutations" / "00990").mkdir()
    (stage / SLUG / "permutations" / "00990" / "scores.json").write_text("{}", encoding="utf8")
    assert invoke("resume", run.run_id).code == 0
    assert differing(run_digests(run.paths.data, run.run_id), run_digests(finished_root / "data", run.run_id)) == []


def test_combinatorial_windows_say_why_their_whole_is_not_repeated_on_shuffled_days(invoke: Invoke, tmp_path: Path) -> None:
    settings = write_settings(
        tmp_path / "paths.yaml", walkforward={"scheme": "combinatorial", "groups": 3, "tested_groups": 1},
        optimization={"trials": 6, "optuna_sampler": "random", "min_trades": 3},
    )  # fmt: skip
    assert invoke("run", "--quiet", "--config", str(settings)).code == 0
    run = RunFolder(Paths.under(tmp_path), only_run(tmp_path / "data"))
    content = read_significance(run.results)[SLUG]
    assert content["walkforward_permutation"]["value"] is None
    assert "combinatorial windows" in content["walkforward_permutation"]["reason"]
    assert content["permutation"]["permutations"] == 3


def test_evidence_whose_workers_died_says_so_and_the_run_goes_on(
    invoke: Invoke, finished_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(finished_root / "data", tmp_path / "data")
    run = RunFolder(Paths.under(tmp_path), only_run(tmp_path / "data"))
    (run.checkpoints / "08_walkforward" / SLUG / "significance.json").unlink()
    (run.checkpoints / "08_walkforward" / "stage.json").unlink()
    whole = Fleet.run

    def deadly(fleet: Fleet, choice: Choice, optimization: OptimizationConfig, studies: Sequence[Study], *others: Any) -> list[Any]:
        found = whole(fleet, choice, optimization, studies, *others)
        return [
            Lost("its worker died 4 times") if study.name.startswith(("evidence", "permutations")) else each
            for study, each in zip(studies, found, strict=True)
        ]

    monkeypatch.setattr(Fleet, "run", deadly)
    assert invoke("resume", run.run_id).code == 0
    content = read_significance(run.results)[SLUG]
    assert content["deflated_sharpe"]["reason"] == "its worker died 4 times"
    assert "its worker died 4 times" in content["permutation"]["reason"]
    assert content["walkforward_permutation"]["value"] is not None
    assert not (run.checkpoints / "08_walkforward" / SLUG / "trial_returns.parquet").exists()
