"""Deleting a run: its folder is renamed first, which takes it out of every list at once; then everything it left behind is removed.

The renamed folder goes last. As long as it is there the deletion is not finished, and the next one finishes it: a crash in between
leaves no run that is half there.
"""

import logging
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from core.atomic_files import storage_errors, sync_folder
from core.errors import ConfigError
from core.paths import Paths
from core.run_folder import RunFolder, RunLock
from dashboard.keeping.tags import TagStore
from dashboard.locks import waiting_for
from dashboard.reading.runs import RunIndex

log = logging.getLogger(__name__)

_TRASH = re.compile(r"\.deleted\.([a-z0-9][a-z0-9._-]{0,63})\.[0-9a-f]{8}")


def delete_run(paths: Paths, index: RunIndex, tags: TagStore, run_id: str) -> None:
    """Delete a run: checkpoints, results, exports, its raw logs and its tags.

    Raises RunNotFoundError, LockedError while a process works on it, and StorageError.
    """
    with waiting_for(paths.dashboard / "deletion.lock"):
        folder = index.open(run_id).folder  # somebody else may have deleted it meanwhile
        if folder.results == paths.audits:
            raise ConfigError(f"'{run_id}' is the folder of audited strategies: a run of that name cannot be deleted here.")
        with RunLock(folder.checkpoints), storage_errors(folder.checkpoints):
            folder.checkpoints.rename(paths.checkpoints / f".deleted.{run_id}.{secrets.token_hex(4)}")
            sync_folder(paths.checkpoints)
        _finish(paths, tags)
    log.info("run %s was deleted", run_id)


def finish_deletions(paths: Paths, tags: TagStore) -> None:
    """Finish what a crash left of earlier deletions; does nothing where there is nothing. Raises StorageError."""
    if any(_trash(paths)):
        with waiting_for(paths.dashboard / "deletion.lock"):
            _finish(paths, tags)


def _finish(paths: Paths, tags: TagStore) -> None:
    for trash, run_id in list(_trash(paths)):
        folder = RunFolder(paths, run_id)
        if not folder.settings_file.is_file():  # a run of that name may have been made since; its lock alone makes none
            for left in (folder.results, folder.exports, *paths.raw_logs.glob(f"*/{run_id}.jsonl")):
                _remove(left)
            tags.forget(run_id)
        _remove(trash)


def _trash(paths: Paths) -> Iterator[tuple[Path, str]]:
    """Yield the folders of runs that are being deleted, with the ids that they had."""
    if paths.checkpoints.is_dir():
        for entry in paths.checkpoints.iterdir():
            found = _TRASH.fullmatch(entry.name)
            if found is not None and ".." not in found[1] and entry.is_dir() and not entry.is_symlink():
                yield entry, found[1]


def _remove(path: Path) -> None:
    """Remove a file or a folder with all that it holds; a link is removed, never what it leads to."""
    with storage_errors(path):
        if path.is_symlink() or path.is_file():
            path.unlink(missing_ok=True)
        elif path.is_dir():
            shutil.rmtree(path)
