"""Readings: what points of a stage's grid come to at full fidelity, each simulated once, all that are asked for together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimization.fidelity import Evaluate, Outcome
from optimization.objectives import Goal, Judge, ObjectiveError
from optimization.objectives.constraints import broken
from optimization.search import SearchPlan
from optimization.trial_record import State, TrialRecord

Point = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One point: its trial ``state`` (``complete`` is the valid one), the objective's ``value`` and the ``net_pnl``.

    ``value`` is nan unless the state is complete, ``net_pnl`` nan when the simulation failed.
    """

    state: State
    value: float
    net_pnl: float

    @property
    def valid(self) -> bool:
        """Whether a trial with this outcome could win."""
        return self.state == "complete"


class Survey:
    """Readings of points of ``plan.space`` through ``evaluate``; a point is simulated when it is asked for the first time.

    The objective is the plan's, of several the first. One that is a median over neighbours is taken plain: that median is what is to be
    found here.
    """

    def __init__(self, plan: SearchPlan, evaluate: Evaluate) -> None:
        self._plan, self._evaluate = plan, evaluate
        goal = Goal.of(plan.objectives[0])
        self._plain = goal.form == "plateau"
        self.goal = Goal.of(goal.name.removesuffix("_plateau")) if self._plain else goal
        self._judge = Judge((self.goal.name,), plan.constraints, plan.objective_digests[:1] if goal.form == "own" else None)
        self._readings: dict[Point, Reading] = {}

    def point(self, indices: Mapping[str, int]) -> Point:
        """Return ``indices`` in the order of the dimensions."""
        return tuple(indices[name] for name in self._plan.space.names)

    def value_of(self, record: TrialRecord) -> float:
        """Return the objective of a complete trial."""
        return self._judge.values(record.metrics)[0] if self._plain else record.value

    def note(self, indices: Mapping[str, int], record: TrialRecord) -> None:
        """Take over a complete trial as the reading of its point."""
        self._readings[self.point(indices)] = Reading(record.state, self.value_of(record), float(record.metrics["net_pnl"]))

    def read(self, points: Sequence[Mapping[str, int]]) -> list[Reading]:
        """Return the readings of ``points``, in their order."""
        unknown = [each for each in {self.point(each): each for each in points}.items() if each[0] not in self._readings]
        if unknown:
            heat = self._evaluate.start([self._plan.space.params(indices) for _, indices in unknown])
            outcomes = heat.advance(range(len(unknown)), self._evaluate.bars)
            for (point, _), outcome in zip(unknown, outcomes, strict=True):
                self._readings[point] = self._reading(outcome)
        return [self._readings[self.point(each)] for each in points]

    def _reading(self, outcome: Outcome) -> Reading:
        """Return the reading of one outcome, by the rules that name a trial's state in a search."""
        if isinstance(outcome, Exception):
            return Reading("failed", math.nan, math.nan)
        net_pnl = float(outcome["net_pnl"])
        try:
            value = self._judge.values(outcome)[0]
        except ObjectiveError:
            return Reading("failed", math.nan, net_pnl)
        state = self._state(outcome, value)
        return Reading(state, value if state == "complete" else math.nan, net_pnl)

    def _state(self, outcome: Mapping[str, float | int | bool], value: float) -> State:
        if outcome["ruined"]:
            return "ruined"
        if outcome["total_trades"] < self._plan.min_trades:
            return "few_trades"
        if math.isnan(value):
            return "undefined"
        bars = self._evaluate.bars
        return "infeasible" if broken(self._judge.violations(outcome, bars, bars)) else "complete"
