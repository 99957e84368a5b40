"""The logs of all packages as one list: the end of each file, put in the order of time; kept until a file changes."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import ms_from_datetime
from core.logs import PACKAGES
from core.paths import Paths
from dashboard.reading.masking import PathCutter
from dashboard.reading.small_files import Stamp, stamp_of

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SOURCES = (*PACKAGES, "libraries")
TAIL_BYTES = 1 << 20
_OLDER = 3  # how many older files the rotation keeps


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record: when (UTC ms), how grave, from which package, by which logger, its text, and whether a stack trace is in the file."""

    time_ms: int
    level: str
    package: str
    logger: str
    message: str
    traced: bool


@dataclass(frozen=True, slots=True)
class LogTail:
    """The end of all logs, the oldest first; ``unreadable`` lines are none of ours, ``whole`` says that nothing older is left out."""

    lines: tuple[LogLine, ...]
    unreadable: int
    whole: bool


@dataclass(frozen=True, slots=True)
class _End:
    state: tuple[Stamp, ...]
    tail: LogTail


class LogReader:
    """Reads the last megabyte of each package's log. Thread-safe. Lines show no path of this machine."""

    def __init__(self, paths: Paths) -> None:
        self._folder = paths.logs
        self._cut = PathCutter(paths)
        self._ends: dict[str, _End] = {}
        self._merged: LogTail | None = None
        self._lock = threading.Lock()

    def tail(self) -> LogTail:
        """Return the end of all logs."""
        with self._lock:
            changed = [source for source in SOURCES if self._refresh(source)]
            if changed or self._merged is None:
                self._merged = merge([end.tail for end in self._ends.values()])
            return self._merged

    def _refresh(self, source: str) -> bool:
        """Read a source anew if its files changed, and return whether they did."""
        stamps = {path: stamp for path in self._files(source) if (stamp := stamp_of(path)) is not None}
        files, state = list(stamps), tuple(stamps.values())
        if source in self._ends and self._ends[source].state == state:
            return False
        self._ends[source] = _End(state, self._read(source, files))
        return True

    def _files(self, source: str) -> Iterator[Path]:
        yield self._folder / f"{source}.log"
        yield from (self._folder / f"{source}.log.{number}" for number in range(1, _OLDER + 1))

    def _read(self, source: str, files: Sequence[Path]) -> LogTail:
        """Return the end of a source, whose newest file comes first."""
        pieces: list[bytes] = []
        room, whole = TAIL_BYTES, True
        for path in files:
            if room <= 0:
                whole = False
                break
            piece, complete = read_end(path, room)
            pieces.insert(0, piece)
            room -= len(piece)
            whole = whole and complete
        raw = [line for piece in pieces for line in piece.splitlines() if line.strip()]
        lines = [found for line in raw if (found := self._line(source, line)) is not None]
        return LogTail(tuple(lines), len(raw) - len(lines), whole)

    def _line(self, source: str, raw: bytes) -> LogLine | None:
        try:
            content: Any = json.loads(raw)
            time = ms_from_datetime(datetime.fromisoformat(content["time"]))
            level, logger, message = str(content["level"]), str(content["logger"]), str(content["message"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        if level not in LEVELS:
            return None
        return LogLine(time, level, source, logger, self._cut(message), "trace" in content)


def merge(tails: Sequence[LogTail]) -> LogTail:
    """Return several tails as one in the order of time. What is older than the end of a cut one stays, though others lack it there."""
    lines = sorted((line for tail in tails for line in tail.lines), key=lambda line: line.time_ms)
    return LogTail(tuple(lines), sum(tail.unreadable for tail in tails), all(tail.whole for tail in tails))


def read_end(path: Path, room: int) -> tuple[bytes, bool]:
    """Return the last whole lines of a file within ``room`` bytes, and whether that is all of it; nothing for one that is gone."""
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - room))
            content = stream.read(room)
    except OSError:
        return b"", True
    if size <= room:
        return content, True
    return content.partition(b"\n")[2], False
