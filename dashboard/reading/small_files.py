"""Reading small files that somebody may be writing, or may have planted."""

import json
import os
import stat
from pathlib import Path
from typing import Any

Stamp = tuple[int, int, int]


def stamp_of(path: Path) -> Stamp | None:
    """Return what changes whenever the file does; None for what is no plain file, links included."""
    try:
        state = path.lstat()
    except (OSError, ValueError):
        return None
    return (state.st_ino, state.st_mtime_ns, state.st_size) if stat.S_ISREG(state.st_mode) else None


def small_json(path: Path, limit: int = 64 << 10) -> dict[str, Any]:
    """Return the object in a JSON file, {} for anything else: a file caught half-way is looked at again a moment later."""
    state = stamp_of(path)
    if state is None or state[2] > limit:
        return {}
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


class Tail:
    """The end of a growing file; one that was replaced or cut is read from its beginning."""

    def __init__(self, path: Path, *, from_the_end: bool) -> None:
        self._path = path
        state = stamp_of(path)
        self._inode, self._offset = (state[0], state[2] if from_the_end else 0) if state else (0, 0)

    def lines(self, limit: int = 64 << 10) -> list[bytes]:
        """Return the whole lines that are new, of the last ``limit`` bytes where there is more."""
        state = stamp_of(self._path)
        if state is None:
            return []
        if state[0] != self._inode or state[2] < self._offset:
            self._inode, self._offset = state[0], 0
        if state[2] == self._offset:
            return []
        skipped = max(0, state[2] - self._offset - limit)
        content = _read(self._path, self._offset + skipped, limit)
        end = content.rfind(b"\n") + 1
        self._offset += skipped + end
        lines = content[:end].splitlines()
        return lines[1:] if skipped else lines


def _read(path: Path, offset: int, count: int) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        return os.pread(handle, count, offset)
    finally:
        os.close(handle)
