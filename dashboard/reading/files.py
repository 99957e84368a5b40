"""Reading a run's files without trusting them.

A file must be a plain file inside the data folder, of bearable size, and - where its stage was committed - the very bytes that were
committed. Anything else is a CorruptFileError whose message names the file relative to the data folder, never the machine's path.
"""

import hashlib
import json
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from core.checked_log import read_checked_log
from core.errors import CorruptFileError, StorageError
from reporting.trial_tables import LedgerFile, read_trials, stacked

MAX_JSON_BYTES = 64 << 20
MAX_TABLE_BYTES = 1 << 30
_CAPACITY = 48
_UNREADABLE = (OSError, ValueError, RecursionError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_UNEXPECTED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError, pl.exceptions.PolarsError)


class FileReader:
    """Reads JSON, tables and ledgers under ``root``; keeps the last few parsed, until the file on disk changes. Thread-safe."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def json(self, path: Path, sha256: str | None = None) -> Any:
        """Return the content of a JSON file, None if there is no such file. Raises CorruptFileError."""
        return self._read(path, sha256, MAX_JSON_BYTES, lambda: json.loads(path.read_bytes()))

    def mapping(self, path: Path, sha256: str | None = None) -> dict[str, Any] | None:
        """Return the object in a JSON file, None if there is no such file. Raises CorruptFileError."""
        content = self.json(path, sha256)
        if content is not None and not isinstance(content, dict):
            raise CorruptFileError(f"{self.label(path)} does not hold what it should. Resume the run: the stage that wrote it runs again.")
        return content

    def table(self, path: Path, sha256: str | None = None) -> pl.DataFrame | None:
        """Return the frame in a Parquet file, None if there is no such file. Raises CorruptFileError."""
        frame: pl.DataFrame | None = self._read(path, sha256, MAX_TABLE_BYTES, lambda: pl.read_parquet(path, memory_map=False))
        return frame

    def ledger(self, path: Path) -> list[dict[str, Any]]:
        """Return the records of a trial ledger, [] if there is none; a torn tail is left out. Raises CorruptFileError."""
        records = self._read(path, None, MAX_TABLE_BYTES, lambda: read_checked_log(path))
        return [record for record in records or [] if isinstance(record, dict)]

    def trials(self, file: LedgerFile) -> pl.DataFrame:
        """Return the trials of a ledger as a table, an empty one if there is no such file; a torn tail is left out. CorruptFileError."""
        frame: pl.DataFrame | None = self._read(file.path, None, MAX_TABLE_BYTES, lambda: read_trials(file).trials, "trials")
        return stacked([]) if frame is None else frame

    def label(self, path: Path) -> str:
        """Return the name of a file as messages show it: relative to the data folder."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def inside(self, path: Path) -> bool:
        """Return whether ``path``, links followed, lies in the data folder."""
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return False

    def _read(self, path: Path, sha256: str | None, limit: int, load: Callable[[], Any], kind: str = "") -> Any:
        state = self._state(path, limit)
        if state is None:
            return None
        key = (path, state.st_ino, state.st_mtime_ns, state.st_size, sha256, kind)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        content = self._load(path, sha256, load)
        with self._lock:
            self._kept[key] = content
            while len(self._kept) > _CAPACITY:
                self._kept.popitem(last=False)
        return content

    def _state(self, path: Path, limit: int) -> os.stat_result | None:
        if not self.inside(path):
            raise CorruptFileError(f"{path.name} leads out of the data folder. Remove the link.")
        try:
            state = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise CorruptFileError(f"{self.label(path)} cannot be read. Check the permissions of the data folder.") from error
        if not stat.S_ISREG(state.st_mode):
            raise CorruptFileError(f"{self.label(path)} is no plain file. Remove it and resume the run.")
        if state.st_size > limit:
            raise CorruptFileError(f"{self.label(path)} has {state.st_size:,} bytes, more than the {limit:,} that it could honestly have.")
        return state

    def _load(self, path: Path, sha256: str | None, load: Callable[[], Any]) -> Any:
        try:
            if sha256 is not None and _sha256(path) != sha256:
                raise CorruptFileError(
                    f"{self.label(path)} was changed or damaged after its stage had finished (its SHA-256 does not match). "
                    "Resume the run: the stage that wrote it runs again."
                )
            return load()
        except (CorruptFileError, StorageError) as error:
            raise CorruptFileError(str(error).replace(f"{self.root}{os.sep}", "")) from error
        except _UNREADABLE as error:
            raise CorruptFileError(
                f"{self.label(path)} is not readable as what it should be. Remove it and resume: its stage runs again."
            ) from error


@contextmanager
def expecting(name: str) -> Iterator[None]:
    """Turn the surprise of a file with unexpected content into a CorruptFileError that names it."""
    try:
        yield
    except CorruptFileError:
        raise
    except _UNEXPECTED as error:
        raise CorruptFileError(f"{name} does not hold what it should. Resume the run: the stage that wrote it runs again.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
