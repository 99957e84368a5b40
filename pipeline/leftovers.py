"""What a killed process left: temporary files beside those it was writing, and the folder of a run that it had not begun."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

from core.atomic_files import storage_errors
from core.errors import ConfigError, LockedError, StorageError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock, validate_run_id

# What a new run's folder holds before its settings make it a run.
_BEFORE_THE_SETTINGS = re.compile(r"run\.lock|run\.yaml|progress\.json|\.(run|progress)\..*\.tmp\..*")
_log = logging.getLogger(__name__)


def remove_leftovers(run: RunFolder) -> None:
    """Remove what was never renamed to its final name; the caller holds the run's lock, so nobody is writing."""
    for path in list(_leftovers(run)):
        with storage_errors(path):
            path.unlink(missing_ok=True)


def _leftovers(run: RunFolder) -> Iterator[Path]:
    for folder in (run.checkpoints, run.results, run.exports):
        yield from folder.rglob(".*.tmp.*")
    yield from run.paths.raw_logs.glob(f"*/.{run.run_id}.jsonl.tmp.*")


def remove_husks(paths: Paths) -> None:
    """Remove the folders of runs that were killed before their settings were written: nothing is in them that could be gone on with.

    Folders that a process holds, links, and those that hold anything else are left alone. One that cannot be removed stays: another
    process may be clearing it too, or it is another user's, and neither is a reason not to begin a run.
    """
    if not paths.checkpoints.is_dir():
        return
    for folder in [entry for entry in paths.checkpoints.iterdir() if _is_husk(entry)]:
        try:
            with RunLock(folder):
                if _is_husk(folder):  # its run may have begun since
                    _remove(folder)
        except LockedError:
            continue
        except StorageError as error:
            _log.debug("the folder of a run that never began stays: %s", error)


def _is_husk(folder: Path) -> bool:
    try:
        validate_run_id(folder.name)
    except ConfigError:
        return False
    if folder.is_symlink() or not folder.is_dir():
        return False
    try:
        return all(_BEFORE_THE_SETTINGS.fullmatch(entry.name) for entry in folder.iterdir())
    except OSError:  # another process has removed it, or it is not ours to read
        return False


def _remove(folder: Path) -> None:
    """Remove a husk, its lock last: who waits at the lock finds that its file is gone, and makes the folder anew."""
    with storage_errors(folder):
        for path in sorted(folder.iterdir(), key=lambda each: each.name == "run.lock"):
            path.unlink(missing_ok=True)
        folder.rmdir()
