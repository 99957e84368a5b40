"""Progress of long work: moving bars with rate and time left on a terminal, a few plain lines elsewhere."""

import math
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from core.clock import monotonic_seconds
from pipeline.screen import Screen

_LINE_EVERY_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class At:
    """What a step belongs to, for those who watch from outside: market, search stage and window, the best of the objective so far (nan:
    none yet) and how many bars were simulated by now."""

    market: str = ""
    search: str = ""
    window: int | None = None
    best: float = math.nan
    objective: str = ""
    bars: int = 0


class ProgressReport(Protocol):
    """A context manager, entered once per stage, that is told how far named work has come."""

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...

    def report(self, name: str, done: int, total: int, note: str = "", at: At | None = None) -> None:
        """Say that ``done`` of ``total`` steps of ``name`` are behind us; ``note`` is shown beside it."""
        ...


def progress_on(screen: Screen) -> ProgressReport:
    """Return bars for a terminal, lines otherwise."""
    return Bars(screen) if screen.live else Lines(screen)


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}/s" if per_second >= 10 else f"{per_second:.1f}/s"


class _CountColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return steps done and in all, with separators."""
        total = "?" if task.total is None else f"{task.total:,.0f}"
        return Text(f"{task.completed:,.0f}/{total}", style="progress.download")


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Return steps per second."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else _rate(speed), style="progress.data.speed")


class Bars:
    """One bar per name; bars that are full stay on the screen."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._progress = self._fresh()
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress, self._tasks = self._fresh(), {}
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._progress.stop()

    def report(self, name: str, done: int, total: int, note: str = "", at: At | None = None) -> None:
        """Move the bar called ``name``; its first report sets where it starts, so that a resumed search shows its true rate."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, completed=done, note=note)
        else:
            self._progress.update(self._tasks[name], completed=done, total=total, note=note)

    def _fresh(self) -> Progress:
        columns = (
            TextColumn("  {task.description}", markup=False),
            BarColumn(bar_width=30),
            _CountColumn(),
            _RateColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[note]}", style="dim", markup=False),
        )
        return Progress(*columns, console=self._screen.console, refresh_per_second=8)


class Lines:
    """A line at the start, one now and then, and one at the end of each name."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._first: dict[str, tuple[float, int]] = {}
        self._last_line = 0.0

    def __enter__(self) -> Self:
        self._first, self._last_line = {}, monotonic_seconds()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def report(self, name: str, done: int, total: int, note: str = "", at: At | None = None) -> None:
        """Write a line when there is something to say that was not said a moment ago."""
        now = monotonic_seconds()
        started, began_at = self._first.setdefault(name, (now, done))
        due = now - self._last_line >= _LINE_EVERY_SECONDS
        if self._screen.quiet or not (done >= total or (due and done > began_at)):
            return
        self._last_line = now
        rate = (done - began_at) / (now - started) if now > started else 0.0
        parts = [f"{done:,}/{total:,}", *([_rate(rate)] if rate else [])]
        if rate and done < total:
            parts.append(f"{(total - done) / rate:,.0f} s left")
        self._screen.line(f"  {name}: {', '.join([*parts, *([note] if note else [])])}")
