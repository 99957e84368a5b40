"""Files that are either whole or absent: written beside, synced, renamed, and the folder synced.

Disk trouble (full, read-only, no permission) becomes a StorageError; no half-written file is ever left at its final name.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StorageError

_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space and resume",
    errno.EDQUOT: "the disk quota is used up: free some space and resume",
    errno.EFBIG: "the file size limit is reached: raise it (ulimit -f) and resume",
    errno.EROFS: "the file system is read-only: choose another folder with PIPELINE_DATA_DIR",
    errno.EACCES: "permission denied: fix the folder's permissions or choose another with PIPELINE_DATA_DIR",
    errno.EPERM: "not permitted: fix the folder's permissions or choose another with PIPELINE_DATA_DIR",
    errno.ENOTDIR: "a file stands where a folder is needed: move it or choose another folder with PIPELINE_DATA_DIR",
    errno.EEXIST: "a file stands where a folder is needed: move it or choose another folder with PIPELINE_DATA_DIR",
    errno.EISDIR: "a folder stands where a file is needed: move it or choose another folder with PIPELINE_DATA_DIR",
}


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn an OSError raised inside into a StorageError that names ``path`` and the remedy."""
    try:
        yield
    except StorageError:
        raise
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, f"{error.strerror or error}")
        raise StorageError(f"cannot write {path}: {remedy}.") from error


def make_folder(path: Path) -> Path:
    """Create ``path`` and its parents; StorageError when that is not possible."""
    with storage_errors(path):
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            if os.path.lexists(path):
                raise
            path.mkdir(parents=True, exist_ok=True)  # it was there, and another process has just removed it
    return path


def sync_folder(path: Path) -> None:
    """Make renames and creations inside ``path`` survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then sync and rename it to ``path``.

    ``write`` gets the temporary path. The file is private (0600) while it is written. Raises StorageError.
    """
    make_folder(path.parent)
    temporary = path.with_name(f".{path.name}.tmp.{os.getpid()}.{secrets.token_hex(4)}")
    with storage_errors(path):
        try:
            os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            write(temporary)
            handle = os.open(temporary, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path``, whole or not at all."""
    write_atomically(path, lambda temporary: _write_all(temporary, content))


def _write_all(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
