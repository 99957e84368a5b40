"""What the ledger keeps of one trial."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from core.canonical_json import plain
from strategies.base import ParamValue

State = Literal["complete", "infeasible", "pruned", "screened", "few_trades", "ruined", "undefined", "duplicate", "failed"]
STATES: tuple[State, ...] = ("complete", "infeasible", "pruned", "screened", "few_trades", "ruined", "undefined", "duplicate", "failed")


@dataclass(frozen=True, slots=True)
class TrialRecord:
    """One trial of one search; the ledger's line holds the same fields.

    ``params`` are the stage's parameters, ``key`` their canonical text. ``state``: ``complete`` (full fidelity, valid: may win),
    ``infeasible`` (the same, but it breaks a constraint: cannot win), ``pruned`` (stopped on a lower fidelity), ``screened`` (the same by
    the scores of a GPU, which are the ones kept), ``few_trades`` and ``undefined`` (full fidelity, but fewer trades than asked for, or no
    value of the objective), ``ruined`` (equity ran out), ``duplicate`` (same key as ``duplicate_of``: not simulated), ``failed``
    (``error`` says why). ``fidelity`` counts the levels reached, ``bars`` the bars simulated, ``scores`` holds the objective at each
    level (None = cannot be ranked; the first one of several) and ``metrics`` those of the last level (nan = undefined). ``screen`` holds
    the GPU's scores of a trial that the processor simulated too. ``values`` are the objectives at the last level, one each;
    ``violations`` say for each constraint how far it is broken (<= 0: kept), none without constraints.
    """

    trial: int
    stage: str
    window: int | None
    params: Mapping[str, ParamValue]
    key: str
    state: State
    fidelity: int
    bars: int
    scores: tuple[float | None, ...]
    metrics: Mapping[str, float | int | bool]
    duplicate_of: int | None = None
    error: str | None = None
    screen: tuple[float | None, ...] = ()
    values: tuple[float | None, ...] = ()
    violations: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not self.values and self.scores:  # of one objective the score is the value
            object.__setattr__(self, "values", self.scores[-1:])

    @property
    def value(self) -> float:
        """The (first) objective of a complete trial, nan for any other: only complete trials can win."""
        score = self.scores[-1] if self.state == "complete" else None
        return math.nan if score is None else score

    def as_dict(self) -> dict[str, Any]:
        """Return the record as JSON knows it."""
        content: dict[str, Any] = plain({field.name: getattr(self, field.name) for field in fields(self)})
        if not self.screen:  # the lines of a search without a GPU do not speak of one
            del content["screen"]
        if len(self.values) <= 1:  # nor do those of a search for one thing repeat its score
            del content["values"]
        if not self.violations:
            del content["violations"]
        return content
