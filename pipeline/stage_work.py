"""What a stage is to the runner: what it depends on, what it does, and what it hands back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.run_folder import Stage
from pipeline.context import RunContext
from pipeline.tables import TableData


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """What a stage left behind.

    ``outputs``: files under the stage's folder, already whole; ``tables`` and ``warnings`` are for the screen; ``timings`` are plain
    values for timings.json: everything that may differ between equal runs.
    """

    outputs: tuple[Path, ...] = ()
    tables: tuple[TableData, ...] = ()
    warnings: tuple[str, ...] = ()
    timings: Mapping[str, float | int | str | None] = field(default_factory=dict)


def _always(_context: RunContext) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class StageWork:
    """A stage's two halves: ``inputs`` (name -> hash of everything its result depends on) and ``run``.

    ``intact`` tells whether what a finished stage left *outside* its folder is still as it was.
    """

    stage: Stage
    inputs: Callable[[RunContext], dict[str, str]]
    run: Callable[[RunContext], StageOutcome]
    intact: Callable[[RunContext], bool] = _always
