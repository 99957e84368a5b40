"""Reading a stored file only if it is a regular file that holds what was written."""

import errno
import hashlib
import os
import stat
from pathlib import Path

from core.errors import CorruptFileError

_REMEDY = "'data repair' drops it, and fetching gets it again"
# A fifo must not be waited for, and a link could lead anywhere.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def corrupt(path: Path, what: str) -> CorruptFileError:
    """Return the error that names a stored file, what is wrong with it, and the remedy."""
    return CorruptFileError(f"{path} {what}: {_REMEDY}.")


def read_regular(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file of at most ``limit`` bytes.

    Raises FileNotFoundError or NotADirectoryError where there is nothing, CorruptFileError for anything but such a file or one that
    cannot be read.
    """
    try:
        handle = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        what = "is a link" if error.errno == errno.ELOOP else f"cannot be read ({error.strerror})"
        raise corrupt(path, what) from error
    try:
        return _content(path, handle, limit)
    finally:
        os.close(handle)


def _content(path: Path, handle: int, limit: int) -> bytes:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise corrupt(path, "is no regular file")
    if status.st_size > limit:
        raise corrupt(path, f"holds {status.st_size:,} bytes, more than the {limit:,} that were written")
    try:
        with open(handle, "rb", buffering=0, closefd=False) as stream:
            return stream.readall()
    except OSError as error:
        raise corrupt(path, f"cannot be read ({error.strerror})") from error


def read_exact(path: Path, size: int, sha256: str) -> bytes:
    """Return the bytes of a file of exactly ``size`` bytes with this SHA-256 (hex).

    Raises FileNotFoundError where there is nothing, CorruptFileError for anything else than what was written.
    """
    content = read_regular(path, size)
    if len(content) != size:
        raise corrupt(path, f"is cut short: {len(content):,} of {size:,} bytes")
    if hashlib.sha256(content).hexdigest() != sha256:
        raise corrupt(path, "does not hold what was written (its SHA-256 differs)")
    return content
