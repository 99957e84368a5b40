"""progress.json: how far a run at work is, for whoever watches it from outside. It is no input of anything and belongs to no result.

It is replaced whole, at most twice a second and without a sync: after a power cut nobody watches, and a search must not wait for a disk.
"""

import logging
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from core.canonical_json import dump_bytes
from core.clock import monotonic_seconds, now_ms
from core.run_folder import SCHEMA_VERSION, Stage
from pipeline.progress import At, ProgressReport

_EVERY_SECONDS = 0.5
_log = logging.getLogger(__name__)


@dataclass(eq=False)
class LiveFile:
    """The progress of one run in the file ``path``; None keeps nothing. ``telling`` begins it and says at the end how the run was left."""

    path: Path | None = None
    _content: dict[str, Any] = field(default_factory=dict)
    _began: dict[str, tuple[float, int, int]] = field(default_factory=dict)
    _written: float = -math.inf

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say that the run is at work, and at the end whether it went through or stopped."""
        self._content = {"schema": SCHEMA_VERSION, "state": "running", "pid": os.getpid(), "started_ms": now_ms()}
        self._write()
        try:
            yield
        except BaseException:
            self._end("stopped")
            raise
        self._end("finished")

    def begin(self, stage: Stage) -> None:
        """Say that ``stage`` begins."""
        self._began.clear()
        kept = {name: self._content[name] for name in ("schema", "state", "pid", "started_ms") if name in self._content}
        self._content = kept | {"stage": stage.number, "stage_name": stage.name, "title": stage.title, "stage_started_ms": now_ms()}
        self._write()

    def tell(self, name: str, done: int, total: int, note: str, at: At) -> None:
        """Take a report in and write it unless one was written a moment ago."""
        now = monotonic_seconds()
        began, first, first_bars = self._began.setdefault(name, (now, done, at.bars))
        seconds = now - began
        rate = (done - first) / seconds if seconds > 0 else 0.0
        self._content |= {
            "name": name, "note": note, "done": done, "total": total, "per_second": rate or None,
            "eta_seconds": (total - done) / rate if rate else None,
            "bars_per_second": (at.bars - first_bars) / seconds if seconds > 0 and at.bars > first_bars else None,
            "market": at.market or None, "window": at.window, "search": at.search or None,
            "best": at.best, "objective": at.objective or None,
        }  # fmt: skip
        if now - self._written >= _EVERY_SECONDS:
            self._write()

    def _end(self, state: str) -> None:
        self._content["state"] = state
        self._write()

    def _write(self) -> None:
        """Replace the file; a disk that refuses is told of in the log and not asked again: the run itself does not need this file."""
        if self.path is None:
            return
        self._written = monotonic_seconds()
        temporary = self.path.with_name(f".{self.path.name}.tmp.{os.getpid()}.live")
        try:
            temporary.write_bytes(dump_bytes(self._content | {"updated_ms": now_ms()}))
            temporary.replace(self.path)
        except OSError as error:
            _log.warning("%s cannot be written (%s): who watches this run sees no progress", self.path.name, error.strerror)
            self.path = None


class Recorded:
    """A progress report that is shown as ``shown`` shows it, and kept in a live file too."""

    def __init__(self, shown: ProgressReport, live: LiveFile) -> None:
        self._shown, self._live = shown, live

    def __enter__(self) -> Self:
        self._shown.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shown.__exit__(kind, error, trace)

    def report(self, name: str, done: int, total: int, note: str = "", at: At | None = None) -> None:
        """Show and keep how far ``name`` is."""
        self._shown.report(name, done, total, note)
        self._live.tell(name, done, total, note, at or At())
