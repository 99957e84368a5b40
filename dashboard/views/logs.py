"""Which lines of the logs are shown: those of a level, a package, a run, and with a text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.reading.logs import LEVELS, LogLine, LogTail
from dashboard.reading.run_reader import Run
from dashboard.views.stage_table import timings_of

Times = tuple[int, int]


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is asked for: lines at least as grave as ``level``; ``package``, ``text`` and ``run`` are empty for any."""

    level: str = "DEBUG"
    package: str = ""
    text: str = ""
    run: Run | None = None
    newest_first: bool = True


def log_lines(tail: LogTail, query: LogQuery) -> list[LogLine]:
    """Return the lines asked for. Lines of a run name it, or were written while one of its stages was at work. Raises CorruptFileError."""
    grave = frozenset(LEVELS[LEVELS.index(query.level) :])
    text = query.text.casefold()
    lines: Sequence[LogLine] = tail.lines if query.run is None else list(_of_run(tail.lines, query.run))
    found = [
        line
        for line in lines
        if line.level in grave
        and (not query.package or line.package == query.package)
        and (not text or text in line.message.casefold() or text in line.logger.casefold())
    ]
    return found[::-1] if query.newest_first else found


def _of_run(lines: Sequence[LogLine], run: Run) -> Iterator[LogLine]:
    at_work = set()
    for start, end in stage_times(run):
        at_work |= set(range(bisect_left(lines, start, key=_time), bisect_right(lines, end, key=_time)))
    for index, line in enumerate(lines):
        if run.run_id in line.message or (index in at_work and line.package != "dashboard"):
            yield line


def _time(line: LogLine) -> int:
    return line.time_ms


def stage_times(run: Run) -> list[Times]:
    """Return when the stages of a run were at work: first and last UTC ms of each attempt. Raises CorruptFileError."""
    return [(int(item["finished_ms"] - item["seconds"] * 1000), int(item["finished_ms"])) for item in timings_of(run)]


def line_item(row: int, line: LogLine) -> dict[str, Any]:
    """Return a line as the API tells it."""
    return {
        "row": row, "time": line.time_ms, "level": line.level, "package": line.package, "logger": line.logger,
        "message": line.message, "traced": line.traced,
    }  # fmt: skip
