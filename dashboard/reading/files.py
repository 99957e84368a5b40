"""Reading a run's files without trusting them.

A file must be a plain file inside the data folder, of bearable size, and - where its stage was committed - the very bytes that were
committed. Anything else is a CorruptFileError whose message names the file relative to the data folder, never the machine's path.
"""

import hashlib
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from core.errors import CorruptFileError, PipelineError, StorageError
from core.file_state import FileState, state_of_file
from dashboard.reading.bearable import check_table, load_json
from reporting.trial_tables import GrowingLedger, LedgerFile, LedgerTable, read_study, stacked

Content = TypeVar("Content")

MAX_JSON_BYTES = 64 << 20
MAX_TABLE_BYTES = 1 << 30
_CAPACITY = 48
# So much of what was read is kept: a run of a million candles with the equity of all its stages.
_KEPT_BYTES = 192 << 20
_STRIPES = 16
_UNREADABLE = (OSError, ValueError, RecursionError, pl.exceptions.PolarsError, pl.exceptions.PanicException)
_UNEXPECTED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError, pl.exceptions.PolarsError)


class FileReader:
    """Reads JSON, tables and ledgers under ``root``; keeps the last few parsed, until the file on disk changes. Thread-safe."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._kept: OrderedDict[tuple[object, ...], tuple[Any, int]] = OrderedDict()
        self._kept_bytes = 0
        # Pages ask for several charts at once: who comes second waits for the first instead of reading the same file too.
        self._reading = tuple(threading.Lock() for _ in range(_STRIPES))
        self._growing: OrderedDict[Path, tuple[GrowingLedger, threading.Lock]] = OrderedDict()
        self._lock = threading.Lock()
        self._noted: ContextVar[dict[Path, FileState | None] | None] = ContextVar("noted", default=None)

    @contextmanager
    def noting(self) -> Iterator[dict[Path, FileState | None]]:
        """Yield what fills with the files that this thread asks for, each with its state before it was read."""
        files: dict[Path, FileState | None] = {}
        token = self._noted.set(files)
        try:
            yield files
        finally:
            self._noted.reset(token)

    def json(self, path: Path, sha256: str | None = None) -> Any:
        """Return the content of a JSON file, None if there is no such file. Raises CorruptFileError."""
        return self._read(path, sha256, MAX_JSON_BYTES, lambda: load_json(path))

    def mapping(self, path: Path, sha256: str | None = None) -> dict[str, Any] | None:
        """Return the object in a JSON file, None if there is no such file. Raises CorruptFileError."""
        content = self.json(path, sha256)
        if content is not None and not isinstance(content, dict):
            raise CorruptFileError(f"{self.label(path)} does not hold what it should. Resume the run: the stage that wrote it runs again.")
        return content

    def table(self, path: Path, sha256: str | None = None, columns: tuple[str, ...] | None = None) -> pl.DataFrame | None:
        """Return the frame in a Parquet file, or ``columns`` of it, None if there is no such file. Raises CorruptFileError."""

        def read() -> pl.DataFrame:
            check_table(path, columns)
            frame = pl.read_parquet(path, memory_map=False, columns=None if columns is None else list(columns))
            return frame.rechunk()  # of one piece, so that numpy takes its columns as they lie

        frame: pl.DataFrame | None = self._read(path, sha256, MAX_TABLE_BYTES, read, columns)
        return frame

    def search(self, file: LedgerFile) -> LedgerTable:
        """Return a search as far as its ledger has grown, an empty one if there is no such file; a torn tail is left out. CorruptFileError.

        What was read once is kept: a ledger that grows costs only what was added.
        """
        with self._lock:
            kept = self._growing.pop(file.path, None) or (GrowingLedger(file), threading.Lock())
            self._growing[file.path] = kept
            while len(self._growing) > _CAPACITY:
                self._growing.popitem(last=False)
        ledger, alone = kept
        with alone:
            there = self._state(file.path, MAX_TABLE_BYTES) is not None
            return self._load(file.path, None, ledger.read) if there else LedgerTable({}, stacked([]))

    def study(self, file: LedgerFile) -> dict[str, Any]:
        """Return the settings of a search, {} before it has begun. Raises CorruptFileError."""
        there = self._state(file.path, MAX_TABLE_BYTES) is not None
        return self._load(file.path, None, lambda: read_study(file)) if there else {}

    def label(self, path: Path) -> str:
        """Return the name of a file as messages show it: relative to the data folder."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def inside(self, path: Path) -> bool:
        """Return whether ``path``, links followed, lies in the data folder."""
        try:
            return path.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError):
            return False

    def _read(self, path: Path, sha256: str | None, limit: int, load: Callable[[], Any], part: object = None) -> Any:
        state = self._state(path, limit)
        if state is None:
            return None
        key = (path, state.st_ino, state.st_mtime_ns, state.st_size, sha256, part)
        with self._reading[hash(path) % _STRIPES]:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key][0]
            content = self._load(path, sha256, load)
            self._keep(key, content, int(content.estimated_size()) if isinstance(content, pl.DataFrame) else state.st_size)
            return content

    def _keep(self, key: tuple[object, ...], content: Any, size: int) -> None:
        """Keep what was read as long as there is room; what was asked for least recently goes first."""
        with self._lock:
            self._kept[key] = content, size
            self._kept_bytes += size
            while len(self._kept) > 1 and (len(self._kept) > _CAPACITY or self._kept_bytes > _KEPT_BYTES):
                self._kept_bytes -= self._kept.popitem(last=False)[1][1]

    def _state(self, path: Path, limit: int) -> os.stat_result | None:
        if (noted := self._noted.get()) is not None:
            noted.setdefault(path, state_of_file(path))
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

    def _load(self, path: Path, sha256: str | None, load: Callable[[], Content]) -> Content:
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
    except PipelineError:
        raise
    except _UNEXPECTED as error:
        raise CorruptFileError(f"{name} does not hold what it should. Resume the run: the stage that wrote it runs again.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
