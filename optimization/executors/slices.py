"""A study in slices: a pure function from the study's files to the study's files, for workers that share no disk with the driver.

A slice gets what the study's folder holds, works on it for a while in a folder of its own, and gives back what the folder holds then. A
search goes on at any batch border bit for bit as if it had never stopped, so that the length of a slice changes nothing but what a worker's
death can cost.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.atomic_files import write_bytes
from core.clock import monotonic_seconds
from core.errors import OptimizationError
from optimization.executors.scratch import scratch_folder, sweep
from optimization.executors.studies import MarketSeries, Work
from optimization.search import SearchProgress

SLICE_SECONDS = 1.0
_SCRATCH = "study"
Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Slice:
    """What a slice came to: the files that are new or longer or different, the progress so far, and the result once ``finished``."""

    changed: dict[str, bytes]
    progress: SearchProgress | None
    finished: bool
    result: Any = None
    error: Exception | None = None


class _Pause(BaseException):
    """Time is up: not an error, and not to be taken for one on its way through the search."""


class _Watch:
    """Ends a slice after its time, but never before one more batch is done: every slice brings the study forward."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic_seconds() + seconds
        self._seen: tuple[str, int] | None = None
        self.last: SearchProgress | None = None

    def tick(self, progress: SearchProgress) -> None:
        self.last = progress
        first = self._seen is None or self._seen[0] != progress.stage
        moved = not first and self._seen is not None and progress.done > self._seen[1]
        self._seen = (progress.stage, progress.done)
        if moved and monotonic_seconds() >= self._end:
            raise _Pause


@cache
def _sweep_once() -> None:
    """Remove what killed workers left on this machine, when a worker begins."""
    sweep(_SCRATCH)


@contextmanager
def _scratch() -> Iterator[Path]:
    _sweep_once()
    folder = scratch_folder(_SCRATCH)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def study_slice(work: Work, series: MarketSeries, argument: Any, files: Files, seconds: float) -> Slice:
    """Work on a study whose folder holds ``files`` for about so many ``seconds``, or to its end."""
    watch = _Watch(seconds)
    with _scratch() as folder:
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        try:
            result = work(series, argument, folder, watch.tick)
        except _Pause:
            return Slice(_changed(folder, files), watch.last, finished=False)
        except Exception as error:  # noqa: BLE001 - whatever a study raises is raised by the driver
            return Slice(_changed(folder, files), watch.last, finished=True, error=error)
        return Slice(_changed(folder, files), watch.last, finished=True, result=result)


def _changed(folder: Path, before: Files) -> dict[str, bytes]:
    now = read_files(folder)
    return {name: content for name, content in now.items() if before.get(name) != content}


def read_files(folder: Path | None) -> dict[str, bytes]:
    """Return what lies in a study's folder, by relative name; nothing when there is none. Temporary files are passed over."""
    if folder is None or not folder.is_dir():
        return {}
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def store_files(folder: Path, changed: Files) -> None:
    """Write what a slice gave back, each file whole or not at all: only the driver writes into a study's folder. StorageError."""
    root = folder.resolve()
    for name, content in changed.items():
        if not (folder / name).resolve().is_relative_to(root):
            raise OptimizationError(f"a worker gave back a file called '{name}', which lies outside its study's folder.")
        write_bytes(folder / name, content)
