"""Kill a run again and again, as a power cut would, resume it each time, and look what is lost.

A moment is caught by watching the run's files: the run knows nothing of it. After each kill the ledgers are kept aside, so that in the
end every trial that was on disk at a kill can be found, unchanged, in the final ledger: nothing saved is ever computed again.
"""

import random
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.checked_log import read_checked_log
from tests.pipeline.watching import Progress, Reached, WatchedRun

_MISSES_ALLOWED = 30
_ZONES = ("UTC", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati")


@dataclass(frozen=True)
class Moment:
    """Where in a run to kill it: the part of the run it belongs to, and the condition that is waited for."""

    part: str
    reached: Reached


@dataclass(frozen=True)
class Kill:
    """One kill as it happened: the part of the run it hit, how many trials were saved, and the ledgers as they were."""

    part: str
    trials: int
    ledgers: Path


def file_written_anew(name: str) -> Reached:
    """Return the moment at which a file whose path ends in ``name`` has been written in this attempt."""
    return lambda before, now: any(path.endswith(name) and before.files.get(path) != inode for path, inode in now.files.items())


def more_trials(stage_folder: str, ledger: str, count: int) -> Reached:
    """Return the moment at which the ledgers called ``ledger`` have grown by ``count`` trials in this attempt."""
    return lambda before, now: now.count(stage_folder, ledger) >= before.count(stage_folder, ledger) + count


def part_at_work(now: Progress, before: Progress) -> str:
    """Return the part of the run that a kill hit: 5, 7.1, 7.2, 7.3 or 8, or another stage's folder name."""
    if "05_baseline" not in now.committed:
        return "5"
    if "07_optimize" not in now.committed:
        grown = sorted(name for name, count in now.trials.items() if name.startswith("07") and count > before.trials.get(name, -1))
        return Path(grown[-1]).name[:3] if grown else "6"  # markets and stages follow each other in the order of their names
    return "8" if "08_walkforward" not in now.committed else "9"


def campaign(root: Path, settings: Path, moments: Sequence[Moment]) -> list[Kill]:
    """Kill the run of ``settings`` in ``root`` at each of ``moments``, resume it after each, and return what was hit."""
    kills: list[Kill] = []
    misses = 0
    waiting = list(moments)
    while waiting:
        arguments = ("resume", "--quiet") if _has_run(root) else ("run", "--quiet", "--config", str(settings))
        run = WatchedRun(root, *arguments)
        if run.wait_until(waiting[0].reached) is None:
            code, _, err = run.finish()
            raise AssertionError(f"the run ended ({code}: {err}) before moment {len(kills)} ({waiting[0].part}) came")
        run.kill()
        now = Progress.of(run.folder)
        part = part_at_work(now, run.before)
        kills.append(Kill(part, sum(now.trials.values()), _set_aside(root, run.folder, len(kills))))
        if part == waiting[0].part:
            waiting.pop(0)
        else:
            misses += 1
            assert misses <= _MISSES_ALLOWED, f"moment {waiting[0].part} is too short to be hit"
            if part > waiting[0].part:
                waiting.pop(0)
    return kills


def steps(before: Progress, now: Progress) -> int:
    """Return how many things a run has written in this attempt: trials, files, committed stages."""
    trials = sum(now.trials.values()) - sum(before.trials.get(name, 0) for name in now.trials)
    files = sum(before.files.get(name) != inode for name, inode in now.files.items() if not name.endswith(".trials.log"))
    return trials + files


def random_campaign(root: Path, settings: Path, draw: random.Random, times: int, most: int) -> list[Kill]:
    """Interrupt the run of ``settings`` up to ``times`` times, by kill -9 or Ctrl-C, each time some steps (up to ``most``) further on.

    Every attempt has another hash seed and another time zone. Fewer interruptions come back when the run is through before.
    """
    kills: list[Kill] = []
    while len(kills) < times:
        arguments = ("resume", "--quiet") if _has_run(root) else ("run", "--quiet", "--config", str(settings))
        run = WatchedRun(root, *arguments, PYTHONHASHSEED=str(draw.randrange(1000)), TZ=draw.choice(_ZONES))
        wanted = draw.randrange(1, most + 1)
        if run.wait_until(lambda before, now, wanted=wanted: steps(before, now) >= wanted) is None:  # type: ignore[misc]
            code, _, err = run.finish()
            assert code == 0, err
            break
        if draw.random() < 0.5:
            run.kill()
        else:
            code, _, err = run.send(signal.SIGINT)
            assert code in (0, 130), err  # 0: it was through by then
        now = Progress.of(run.folder)
        kills.append(Kill(part_at_work(now, run.before), sum(now.trials.values()), _set_aside(root, run.folder, len(kills))))
    return kills


def lost_trials(kills: Sequence[Kill], final: Path) -> list[str]:
    """Return the names of ledgers in which a trial that was on disk at a kill is missing or different in the end."""
    lost = []
    for kill in kills:
        for kept in sorted(kill.ledgers.rglob("*.trials.log")):
            name = kept.relative_to(kill.ledgers)
            records = read_checked_log(kept)
            if read_checked_log(final / name)[: len(records)] != records:
                lost.append(f"{kill.part}: {name}")
    return lost


def _has_run(root: Path) -> bool:
    folder = root / "data" / "checkpoints"
    return folder.is_dir() and any((entry / "run.json").is_file() for entry in folder.iterdir())


def _set_aside(root: Path, checkpoints: Path, number: int) -> Path:
    target = root / "kills" / f"{number:02d}"
    for path in sorted(checkpoints.rglob("*.trials.log")):
        copy = target / path.relative_to(checkpoints)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return target
