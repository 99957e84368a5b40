"""A strategy some of whose parameters end the process they are simulated in, from the command line."""

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.checked_log import read_checked_log
from tests.optimization.executors.work import deadly_strategy
from tests.pipeline.conftest import SMALL, command, environment, only_run, write_settings
from tests.pipeline.digests import differing, run_digests


def settings(folder: Path, deadly: int, **changes: Any) -> Path:
    """Write a run file with a strategy that no process outlives when its ema_fast is ``deadly``."""
    return write_settings(folder / "run.yaml", **{"strategy": SMALL["strategy"] | {"name": deadly_strategy(folder, deadly)}} | changes)


def call(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments, "--quiet"), env=environment(root), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def failed(root: Path) -> set[int]:
    """Return the values of ema_fast of the failed trials of stage 7.1."""
    (ledger,) = (root / "data" / "checkpoints" / only_run(root / "data") / "07_optimize").rglob("7.1.trials.log")
    return {line["params"]["ema_fast"] for line in read_checked_log(ledger)[1:] if line["state"] == "failed"}


@pytest.mark.timeout(600)
def test_a_program_that_a_trial_has_ended_finds_that_trial_when_it_is_resumed_and_goes_on(tmp_path: Path) -> None:
    short = {"optimization": {"profile": "FAST", "optuna_sampler": "random", "trials": 6}, "end": "2024-03-05"}
    few = {"resamples": 100, "permutations": 0, "walkforward_permutations": 0, "overfitting_blocks": 4}
    died = call(tmp_path, "run", "--config", str(settings(tmp_path, 21, significance=few, **short)))
    assert died.returncode == -signal.SIGKILL, died.stderr
    resumed = call(tmp_path, "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "ended without a word" in resumed.stdout
    assert "it ended its process, also one of its own: killed by SIGKILL" in resumed.stderr
    assert failed(tmp_path) == {21}


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_whole_run_of_deadly_trials_needs_one_resume_or_none_with_workers_and_has_the_same_bytes(tmp_path: Path) -> None:
    file = settings(tmp_path, 21)
    here, workers = (tmp_path / name for name in ("here", "workers"))
    assert call(here, "run", "--config", str(file)).returncode == -signal.SIGKILL
    assert call(here, "resume").returncode == 0
    assert call(workers, "run", "--executor", "processes", "--config", str(file)).returncode == 0
    assert failed(here) == failed(workers) == {21}
    first, second = (run_digests(root / "data", only_run(root / "data")) for root in (here, workers))
    assert [name for name in differing(first, second) if not name.endswith(("begun.json", "stage.json"))] == []
