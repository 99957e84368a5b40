"""One writer of a series at a time: the others wait, and a lock dies with its holder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.atomic_files import make_folder, storage_errors
from market_data.store.names import LOCK
from market_data.store.stored_files import corrupt


@contextmanager
def series_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of the series in ``folder``, waiting for whoever holds it.

    Raises StorageError when it cannot be made, CorruptFileError when something else stands in its place.
    """
    handle = _take(folder)
    try:
        yield
    finally:
        os.close(handle)


def _take(folder: Path) -> int:
    path = folder / LOCK
    while True:
        make_folder(folder)
        with storage_errors(path):
            try:
                handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except FileNotFoundError:
                # The series was cleared between the two steps.
                continue
            except OSError as error:
                if path.is_symlink() or path.is_dir():
                    raise corrupt(path, "is no file, so it cannot be locked") from error
                raise
            fcntl.flock(handle, fcntl.LOCK_EX)
        if _is_current(path, handle):
            return handle
        os.close(handle)


def _is_current(path: Path, handle: int) -> bool:
    """Return whether the locked file is still the one at ``path``: clearing a series removes its lock."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(handle))
    except FileNotFoundError:
        return False
