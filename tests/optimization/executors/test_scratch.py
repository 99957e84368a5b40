"""Temporary folders of workers: those of the dead are removed, those of the living stay."""

import subprocess
import sys
from pathlib import Path

from optimization.executors.scratch import scratch_folder, sweep


def test_folders_of_processes_that_are_gone_are_removed_and_others_stay(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    dead, living, foreign = tmp_path / f"study-{gone.pid}-x", scratch_folder("study", tmp_path), tmp_path / "study-of-mine"
    for folder in (dead, foreign):
        folder.mkdir()
    (dead / "7.1.trials.log").write_text("half")
    sweep("study", tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([living, foreign])
