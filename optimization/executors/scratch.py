"""Temporary folders that carry their process's number in their names, so that those of killed processes are found and removed."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil


def scratch_folder(kind: str, parent: Path | None = None) -> Path:
    """Make a folder ``KIND-PID-...`` of this process in ``parent``, that of temporary files when None, and return it."""
    return Path(tempfile.mkdtemp(prefix=f"{kind}-{os.getpid()}-", dir=parent))


def sweep(kind: str, parent: Path | None = None) -> None:
    """Remove this user's folders of a ``kind`` whose processes are gone."""
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{kind}-*-*"):
        pid = folder.name.removeprefix(f"{kind}-").partition("-")[0]
        with suppress(OSError):
            if pid.isdigit() and not psutil.pid_exists(int(pid)) and folder.stat().st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)
