"""One process at a time per run: an advisory lock that dies with its holder, so that no stale lock is ever waited for."""

import fcntl
import os
import re
import socket
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from core.atomic_files import make_folder, storage_errors
from core.errors import LockedError

# Who looks whether a run is held, or clears the folder of one that never began, holds its lock for a moment. On a machine that is busy
# with something else a moment may last: at a new run nobody else can be at work, and half a minute is not too long to wait there.
_TRIES, _TRIES_AT_A_NEW_RUN = 20, 6000
_PAUSE_SECONDS = 0.005


class RunLock:
    """Context manager that holds ``run.lock`` in ``folder``; LockedError names the process that holds it already.

    ``new``: the run is just being made, by this process.
    """

    def __init__(self, folder: Path, *, new: bool = False) -> None:
        self._path = folder / "run.lock"
        self._tries = _TRIES_AT_A_NEW_RUN if new else _TRIES
        self._handle = -1

    def __enter__(self) -> Self:
        while not self._taken():
            continue
        with storage_errors(self._path):
            try:
                os.ftruncate(self._handle, 0)
                os.pwrite(self._handle, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
            except OSError:
                os.close(self._handle)
                raise
        return self

    def _taken(self) -> bool:
        """Lock the file, made where it is missing; return whether it stands where it should.

        It does not where the folder of a run that never began was removed in between.
        """
        make_folder(self._path.parent)
        with storage_errors(self._path):
            try:
                self._handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            except FileNotFoundError:
                return False
        if not _locked(self._handle, self._tries):
            holder = os.read(self._handle, 200).decode(errors="replace").strip() or "another process"
            os.close(self._handle)
            raise LockedError(
                f"run {self._path.parent.name} is being worked on by {holder}. Wait for it, stop it, or start a run of your own."
            )
        if self._stands():
            return True
        os.close(self._handle)
        return False

    def _stands(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._handle), self._path.stat())
        except FileNotFoundError:
            return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._handle)

    @staticmethod
    def is_held(folder: Path) -> bool:
        """Return whether a process is at work in ``folder`` right now; asks the lock only where its last holder still lives."""
        try:
            handle = os.open(folder / "run.lock", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # none, or none that this process may ask: the folder may go at any moment
            return False
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode) or not _holder_may_live(os.read(handle, 200)):
                return False
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False


def _locked(handle: int, tries: int) -> bool:
    """Lock an open file for this process alone; False where another holds it, and not for a moment only."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                time.sleep(_PAUSE_SECONDS)
        else:
            return True
    return False


def _holder_may_live(content: bytes) -> bool:
    """Return False if the lock names a process of this machine that is gone; True when that cannot be told."""
    named = re.fullmatch(r"process (\d{1,9}) on (.+)", content.decode(errors="replace").strip())
    if named is None or named[2] != socket.gethostname():
        return True
    try:
        os.kill(int(named[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
