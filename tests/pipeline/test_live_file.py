"""progress.json says how far a run is, and never stands in its way."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from core.run_folder import stage_named
from pipeline import live_file
from pipeline.live_file import LiveFile
from pipeline.progress import At


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that the file is told, to be moved by the test."""
    now = [100.0]
    monkeypatch.setattr(live_file, "monotonic_seconds", lambda: now[0])
    return now


def content(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_stage_step_rates_and_time_left_are_told(tmp_path: Path, clock: list[float]) -> None:
    path = tmp_path / "progress.json"
    live = LiveFile(path)
    with live.telling():
        assert content(path)["state"] == "running"
        live.begin(stage_named("optimize"))
        live.tell("search 7.1", 10, 50, "", At("a_market", "7.1", None, math.nan, "sharpe", 1_000))
        clock[0] += 2
        live.tell("search 7.1", 20, 50, "best sharpe 1.5", At("a_market", "7.1", None, 1.5, "sharpe", 5_000))
        said = content(path)
        assert (said["stage"], said["stage_name"], said["market"], said["search"]) == (7, "optimize", "a_market", "7.1")
        assert (said["done"], said["total"], said["best"], said["objective"]) == (20, 50, 1.5, "sharpe")
        assert (said["per_second"], said["bars_per_second"], said["eta_seconds"]) == (5.0, 2_000.0, 6.0)
    assert content(path)["state"] == "finished"


def test_file_is_written_at_most_twice_a_second(tmp_path: Path, clock: list[float]) -> None:
    path = tmp_path / "progress.json"
    live = LiveFile(path)
    with live.telling():
        live.begin(stage_named("optimize"))
        for done in range(5):
            clock[0] += 0.25
            live.tell("search", done, 100, "", At())
        assert content(path)["done"] == 3
        live.begin(stage_named("walkforward"))
        assert "done" not in content(path)


def test_run_that_ends_early_says_so(tmp_path: Path) -> None:
    live = LiveFile(tmp_path / "progress.json")
    with pytest.raises(KeyboardInterrupt), live.telling():
        raise KeyboardInterrupt
    assert content(tmp_path / "progress.json")["state"] == "stopped"


def test_disk_that_refuses_does_not_stop_a_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    live = LiveFile(tmp_path / "missing" / "progress.json")
    with live.telling():
        live.begin(stage_named("optimize"))
    assert "progress.json cannot be written" in caplog.text
    assert len(caplog.records) == 1
    assert not list(tmp_path.iterdir())
