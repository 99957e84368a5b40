"""What tells a file from the one that was read before."""

from pathlib import Path
from typing import NamedTuple


class FileState(NamedTuple):
    """It differs as soon as the file was replaced, rewritten or has grown."""

    inode: int
    changed_ns: int
    size: int


def state_of_file(path: Path) -> FileState | None:
    """Return the state of a file, links followed; None when there is no such file or it cannot be looked at."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return FileState(found.st_ino, found.st_mtime_ns, found.st_size)
