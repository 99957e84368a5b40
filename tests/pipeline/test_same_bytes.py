"""Equal settings give equal bytes: for any number of workers, from any folder, and after a change and back."""

from pathlib import Path

import pytest

from core.logs import release_logging
from core.paths import Paths
from pipeline.app import App
from pipeline.cli import run_command_line
from pipeline.interrupts import Interrupts
from tests.pipeline.conftest import Invoke, only_run, write_settings
from tests.pipeline.digests import differing, run_digests

pytestmark = pytest.mark.xdist_group("finished run")


def test_second_run_elsewhere_has_the_same_bytes(finished_root: Path, tmp_path: Path) -> None:
    settings = write_settings(tmp_path / "same.yaml")
    assert run_command_line(["run", "--quiet", "--config", str(settings)], App(Paths.under(tmp_path), Interrupts())) == 0
    release_logging()
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (finished_root, tmp_path))
    assert differing(first, second) == []
    assert len([name for name in first if name.endswith("trials.log")]) == 3 + 2 * 3


@pytest.mark.parametrize("executor", ["processes", pytest.param("ray", marks=pytest.mark.slow)])
def test_workers_change_no_byte(finished_root: Path, execute: Invoke, tmp_path: Path, executor: str) -> None:
    settings = write_settings(tmp_path / "same.yaml")
    ended = execute("run", "--quiet", "--config", str(settings), "--executor", executor)
    assert (ended.code, ended.err) == (0, "")
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (finished_root, tmp_path))
    assert differing(first, second) == []


def test_candle_file_gives_the_same_bytes_wherever_it_lies(shared_data: Path, tmp_path: Path) -> None:
    digests = []
    for name in ("here", "there"):
        root = tmp_path / name
        root.mkdir()
        file = root / "BINANCE_BTCUSDT_1h.parquet"
        file.write_bytes((shared_data / "candles" / file.name).read_bytes())
        settings = write_settings(root / "run.yaml", exchange="LOCAL", symbol=str(file))
        assert run_command_line(["run", "--quiet", "--config", str(settings)], App(Paths.under(root), Interrupts())) == 0
        digests.append(run_digests(root / "data", only_run(root / "data")))
    release_logging()
    assert differing(*digests) == []


def test_results_name_no_folder_of_this_machine(finished_root: Path) -> None:
    run_id = only_run(finished_root / "data")
    published = [*(finished_root / "data" / "results").rglob("*.json"), *(finished_root / "data" / "exports").rglob("*.csv")]
    assert published
    for path in published:
        text = path.read_text(encoding="utf8")
        assert str(finished_root) not in text
        assert run_id not in text
