"""Starting a run as a process and catching it at a chosen moment, by the files it has written so far."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.clock import monotonic_seconds
from core.run_folder import STAGES
from tests.patience import PATIENCE_SECONDS, PROGRAM_SECONDS
from tests.pipeline.conftest import command, environment

_POLL_SECONDS = 0.002


@dataclass(frozen=True)
class Progress:
    """How far a run is: trials in each ledger, stages begun and committed, and the files of the stage at work with their inodes."""

    trials: dict[str, int]
    committed: frozenset[str]
    files: dict[str, int]

    @classmethod
    def of(cls, checkpoints: Path) -> "Progress":
        """Look at the folder of one run, which may not be there yet."""
        trials: dict[str, int] = {}
        files: dict[str, int] = {}
        committed = {stage.folder for stage in STAGES if (checkpoints / stage.folder / "stage.json").is_file()}
        for path in _files_under(checkpoints):
            name = path.relative_to(checkpoints).as_posix()
            try:
                if path.name.endswith(".trials.log"):
                    trials[name] = max(0, path.read_bytes().count(b"\n") - 1)
                if path.is_file():
                    files[name] = path.stat().st_ino
            except FileNotFoundError:
                continue
        return cls(trials, frozenset(committed), files)

    def count(self, stage_folder: str, ledger: str = "") -> int:
        """Return the trials in all ledgers of a stage, or only those called ``ledger``."""
        return sum(number for name, number in self.trials.items() if name.startswith(stage_folder) and ledger in name)


def _files_under(checkpoints: Path) -> list[Path]:
    """Return what stands under ``checkpoints``; nothing when the folder of a run that never began is removed at this moment."""
    try:
        return list(checkpoints.rglob("*"))
    except FileNotFoundError:
        return []


Reached = Callable[[Progress, Progress], bool]


class WatchedRun:
    """A run in a process group of its own, in its own data folder, with ``variables`` added to its environment."""

    def __init__(self, root: Path, *arguments: str, **variables: str) -> None:
        self.checkpoints_root = root / "data" / "checkpoints"
        self.before = Progress.of(self.folder) if self._exists() else Progress({}, frozenset(), {})
        self.process = subprocess.Popen(
            command(*arguments), env=environment(root) | variables, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def _exists(self) -> bool:
        return self.checkpoints_root.is_dir() and any(self.checkpoints_root.iterdir())

    @property
    def folder(self) -> Path:
        """The checkpoints of the one run in the data folder."""
        return next(self.checkpoints_root.iterdir()) if self._exists() else self.checkpoints_root / "none yet"

    def wait_until(self, reached: Reached) -> Progress | None:
        """Return how far the run is as soon as ``reached(before, now)``; None when the run ended first."""
        deadline = monotonic_seconds() + PROGRAM_SECONDS
        while monotonic_seconds() < deadline:
            now = Progress.of(self.folder)
            if reached(self.before, now):
                return now
            try:
                self.process.wait(timeout=_POLL_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            return None
        raise AssertionError(f"the moment did not come within {PROGRAM_SECONDS} s")

    def hold(self) -> bool:
        """Stop the run and its workers where they are; False when the run has come to its end by now."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGSTOP)
        return self.process.poll() is None and STAGES[-1].folder not in Progress.of(self.folder).committed

    def signal(self, number: int) -> None:
        """Send a signal to the run alone, and let it go on, and its workers, if they were held."""
        self.process.send_signal(number)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGCONT)

    def send(self, number: int) -> tuple[int, str, str]:
        """Send a signal to the run alone and return its exit code and output."""
        self.signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err

    def kill(self) -> None:
        """End the run and its workers as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=PATIENCE_SECONDS)

    def finish(self) -> tuple[int, str, str]:
        """Wait for the end and return the exit code and output."""
        out, err = self.process.communicate(timeout=PROGRAM_SECONDS)
        return self.process.returncode, out, err


def held(root: Path, reached: Reached, *arguments: str) -> WatchedRun:
    """Return a run that was stopped in the middle, as soon as ``reached``: whoever looks on may be slow, and a run is not.

    One that had come to its end before it could be stopped is made anew.
    """
    for _ in range(9):
        run = WatchedRun(root, *arguments)
        if run.wait_until(reached) is not None and run.hold():
            return run
        with suppress(ProcessLookupError):
            os.killpg(run.process.pid, signal.SIGCONT)
        ended = run.finish()
        shutil.rmtree(root / "data", ignore_errors=True)
    raise AssertionError(f"nine runs came to their ends before they could be stopped, the last one so: {ended}")
