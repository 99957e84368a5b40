"""A run's id is a harmless folder name, its folders lie where they are said to, and what is no run is passed over."""

from pathlib import Path

import pytest

from core.errors import ConfigError, RunNotFoundError
from core.market import Market
from core.paths import Paths
from core.run_folder import STAGES, RunFolder, list_run_ids, stage_named, validate_run_id
from core.timeframe import Timeframe

GOOD_IDS = ["20240131-120000-ab12", "a", "0", "my.run_1-b", "x" * 64]
BAD_IDS = [
    "", ".", "..", "../other", "a/b", "a\\b", "/etc", "a..b", "..a", ".hidden", "-rf", "_a", "Run", "RUN", "a b", " a", "a\n", "a\0", "\0",
    "é", "\uff41", "a\u202e", "x" * 65, "~", "$HOME", "a:b", "a*", "%2e%2e", "none?", "CON ",
]  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


def make_run(paths: Paths, run_id: str) -> None:
    folder = paths.checkpoints / run_id
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{}")


@pytest.mark.parametrize("run_id", GOOD_IDS)
def test_harmless_id_is_taken(run_id: str, paths: Paths) -> None:
    assert validate_run_id(run_id) == run_id
    assert RunFolder(paths, run_id).checkpoints.parent == paths.checkpoints


@pytest.mark.parametrize("run_id", BAD_IDS, ids=ascii)
def test_id_that_is_no_harmless_folder_name_is_refused(run_id: str, paths: Paths) -> None:
    for use in (validate_run_id, lambda text: RunFolder(paths, text), lambda text: RunFolder.existing(paths, text)):
        with pytest.raises(ConfigError, match="is no run id: use lower-case letters, digits, '.', '_' and '-', at most 64"):
            use(run_id)


def test_folders_of_a_run_lie_under_its_id(paths: Paths) -> None:
    run = RunFolder(paths, "r1")
    data = paths.data
    assert [run.checkpoints, run.results, run.exports] == [data / name / "r1" for name in ("checkpoints", "results", "exports")]
    assert (run.settings_file.name, run.timings_file.name) == ("run.json", "timings.json")
    market = Market("BINANCE", "BTC/USDT:USDT", Timeframe.parse("1h"))
    assert run.stage_market(stage_named("optimize"), market) == run.checkpoints / "07_optimize" / "binance_btc-usdt-usdt_1h"


def test_naming_a_run_creates_nothing(paths: Paths) -> None:
    RunFolder(paths, "r1").stage(STAGES[0])
    assert list_run_ids(paths) == []
    assert not paths.data.exists()


def test_runs_are_listed_in_order_and_foreign_entries_are_passed_over(paths: Paths) -> None:
    for run_id in ("20240202-000000-aaaa", "20240101-000000-ffff", "a..b", "Capitals", ".hidden", "with space"):
        make_run(paths, run_id)
    (paths.checkpoints / "no-settings").mkdir()
    (paths.checkpoints / "a-file").write_text("")
    (paths.checkpoints / "settings-are-a-folder" / "run.json").mkdir(parents=True)
    assert list_run_ids(paths) == ["20240101-000000-ffff", "20240202-000000-aaaa"]
    assert [RunFolder(paths, run_id).run_id for run_id in list_run_ids(paths)] == list_run_ids(paths)


def test_existing_run_is_found_and_an_absent_one_offers_the_nearest(paths: Paths) -> None:
    make_run(paths, "btc-january")
    assert RunFolder.existing(paths, "btc-january").run_id == "btc-january"
    with pytest.raises(RunNotFoundError, match=r"there is no run 'btc-januray'. Did you mean 'btc-january'\?"):
        RunFolder.existing(paths, "btc-januray")
    with pytest.raises(RunNotFoundError, match=r"there is no run 'zzz'. Known: btc-january."):
        RunFolder.existing(paths, "zzz")


def test_absent_run_where_there_is_none_is_told_plainly(paths: Paths) -> None:
    with pytest.raises(RunNotFoundError, match=r"^there is no run 'zzz'\.$"):
        RunFolder.existing(paths, "zzz")


def test_ten_stages_sort_in_the_order_of_work() -> None:
    folders = [stage.folder for stage in STAGES]
    assert folders == sorted(folders)
    assert [stage.number for stage in STAGES] == list(range(1, 11))
    assert folders[4] == "05_baseline"


def test_stage_is_found_by_name_and_number() -> None:
    assert stage_named("optimize") is stage_named("7") is STAGES[6]
    with pytest.raises(ConfigError, match=r"stage 'optimise' is not known. Did you mean 'optimize'\?"):
        stage_named("optimise")
