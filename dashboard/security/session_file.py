"""Reading the file of sessions without trusting it."""

import json
import re
import stat
from pathlib import Path

from core.errors import CorruptFileError

MAX_BYTES = 256 << 10
_DIGEST = re.compile(r"[0-9a-f]{64}")

State = tuple[int, int, int]


def state_of(path: Path) -> State:
    """Return what changes with every new version of the file; zeros when there is none."""
    try:
        state = path.stat()
    except OSError:
        return (0, 0, 0)
    return (state.st_ino, state.st_mtime_ns, state.st_size)


def read_sessions(path: Path) -> dict[str, int]:
    """Return the sessions' digests with the times (UTC ms) at which they began; none when there is no file. Raises CorruptFileError."""
    try:
        state = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise CorruptFileError(f"{path.name} cannot be read: {error.strerror}.") from error
    if not stat.S_ISREG(state.st_mode) or state.st_size > MAX_BYTES:
        raise CorruptFileError(f"{path.name} is not the file that the dashboard wrote.")
    try:
        sessions = json.loads(path.read_bytes())["sessions"]
        return {name: created for name, created in sessions.items() if _DIGEST.fullmatch(name) and type(created) is int}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptFileError(f"{path.name} is damaged.") from error
