"""Work that only one process may do at a time in a data folder; the lock dies with its holder."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.atomic_files import make_folder, storage_errors
from core.errors import LockedError


@contextmanager
def sole_process(path: Path, what: str) -> Iterator[None]:
    """Hold the lock at ``path`` for ``what``; LockedError names the process that holds it already, StorageError when it cannot be made."""
    make_folder(path.parent)
    with storage_errors(path):
        handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _take(handle, path, what)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path, what: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(handle, 200).decode(errors="replace").strip() or "another process"
        raise LockedError(
            f"{what} runs on this data folder already: {holder}. Stop that one first, or choose another folder with PIPELINE_DATA_DIR."
        ) from None
    with storage_errors(path):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
