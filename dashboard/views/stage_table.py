"""The ten stages of a run with what they took, as timings.json tells it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.run_folder import STAGES
from dashboard.formatting import compact, words
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import Run
from dashboard.views.hardware import duration
from dashboard.views.progress import stage_views

_ITSELF = {"stage", "finished_ms", "seconds"}


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage: its state, when it was finished last (UTC ms, None before), how long all its attempts took, and what it noted."""

    number: int
    title: str
    state: Literal["done", "current", "waiting"]
    finished_ms: int | None
    took: str
    share: float
    attempts: int
    notes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StageTable:
    """The stages in order, and the time of all of them together."""

    rows: tuple[StageRow, ...]
    total: str


def timings_of(run: Run) -> list[dict[str, Any]]:
    """Return the entries of timings.json, one for each attempt of a stage; none where there is no such file. Raises CorruptFileError."""
    with expecting("timings.json"):
        content = run.files.mapping(run.folder.timings_file) or {"stages": []}
        entries = list(content["stages"])
        for entry in entries:
            _ = str(entry["stage"]), float(entry["seconds"]), int(entry["finished_ms"])
        return entries


def stage_table(run: Run) -> StageTable:
    """Return the stages with their times. Raises CorruptFileError."""
    entries = timings_of(run)
    spent = sum(float(entry["seconds"]) for entry in entries)
    rows = []
    for stage, view in zip(STAGES, stage_views(run), strict=True):
        own = [entry for entry in entries if entry["stage"] == stage.folder]
        seconds = sum(float(entry["seconds"]) for entry in own)
        last = own[-1] if own else None
        rows.append(
            StageRow(
                view.number, view.title, view.state, None if last is None else int(last["finished_ms"]), duration(seconds) if own else "",
                seconds / spent if spent > 0 else 0.0, len(own), () if last is None else _notes(last),
            )
        )  # fmt: skip
    return StageTable(tuple(rows), duration(spent) if entries else "")


def _notes(entry: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((words(str(name)), _note(value)) for name, value in entry.items() if name not in _ITSELF and value is not None)


def _note(value: Any) -> str:
    return compact(float(f"{value:.4g}")) if isinstance(value, float) else compact(value)
