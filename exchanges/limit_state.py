"""What is known about a host's limits, in memory or in a small locked file that processes share."""

import contextlib
import fcntl
import hashlib
import json
import math
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.atomic_files import make_folder, storage_errors

Bucket = tuple[float, int, int]
# Larger than any state there is: a file beyond it is none of ours.
_LARGEST = 1_000_000
# Longer than any ban.
_LONGEST_S = 4 * 86_400.0


@dataclass(slots=True)
class HostState:
    """Buckets (end in monotonic seconds, our weight, that of others) by limit, and until when the host is closed to us.

    ``seen`` is the monotonic time of the last change: one in the future was written before the machine started anew.
    """

    buckets: dict[str, list[Bucket]] = field(default_factory=dict)
    closed_until: float = 0.0
    banned: bool = False
    seen: float = 0.0

    def add(self, key: str, end: float, now: float, *, own: int = 0, others: int = 0) -> None:
        """Add weight to the bucket that ends at ``end``."""
        buckets = self.buckets.setdefault(key, [])
        if buckets and buckets[-1][0] == end:
            buckets[-1] = (end, buckets[-1][1] + own, buckets[-1][2] + others)
        else:
            buckets.append((end, own, others))

    def forget_other_boots(self, now: float) -> None:
        """Forget times of a monotonic clock that has started anew; a ban is kept for what was left of it."""
        if self.seen > now:
            left = max(self.closed_until - self.seen, 0.0)
            self.buckets, self.closed_until, self.seen = {}, now + left if left else 0.0, now


class StateFile:
    """The state of one host; ``edit`` is exclusive among threads and, with a folder, among processes."""

    def __init__(self, folder: Path | None, host: str) -> None:
        """Keep the state in ``folder``, or in memory when it is None."""
        self._path = None if folder is None else folder / f"{_file_name(host)}.json"
        self._memory = HostState()
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def edit(self) -> Iterator[HostState]:
        """Yield the state and keep what was changed in it; StorageError when the file cannot be written."""
        with self._lock:
            if self._path is None:
                yield self._memory
                return
            make_folder(self._path.parent)
            # Opened each time: a file description that a forked process inherits would share its lock with us.
            with storage_errors(self._path):
                handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                before = os.pread(handle, _LARGEST, 0)
                state = _parse(before)
                try:
                    yield state
                finally:
                    content = _serialize(state)
                    if content != before:
                        with storage_errors(self._path):
                            os.pwrite(handle, content, 0)
                            os.ftruncate(handle, len(content))
            finally:
                os.close(handle)


def _parse(content: bytes) -> HostState:
    """Return the state in ``content``; one that was cut short by a kill, or is no state, means that nothing is known."""
    try:
        data = json.loads(content)
        buckets = {str(key): [(float(end), int(own), int(others)) for end, own, others in rows] for key, rows in data["buckets"].items()}
        state = HostState(buckets, float(data["closed_until"]), bool(data["banned"]), float(data["seen"]))
        ends = [end for rows in buckets.values() for end, _own, _others in rows]
        # Nobody closes a host, or spends ahead, for longer than this: other times, and infinite ones, are damage.
        sound = all(math.isfinite(moment) and moment <= state.seen + _LONGEST_S for moment in (state.seen, state.closed_until, *ends))
        return state if sound else HostState()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return HostState()


def _serialize(state: HostState) -> bytes:
    content = {"buckets": state.buckets, "closed_until": state.closed_until, "banned": state.banned, "seen": state.seen}
    return json.dumps(content, separators=(",", ":")).encode()


def _file_name(host: str) -> str:
    """Return a file name for ``host``, which may hold a port or an IPv6 address."""
    safe = re.sub(r"[^A-Za-z0-9.-]", "_", host)
    return safe if safe == host else f"{safe}-{hashlib.sha256(host.encode()).hexdigest()[:8]}"
