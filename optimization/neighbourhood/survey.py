"""Readings: what points of a stage's grid come to at full fidelity, each simulated once, all that are asked for together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimization.fidelity import Evaluate, Outcome
from optimization.objective import objective_value
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

    @classmethod
    def of_record(cls, record: TrialRecord) -> "Reading":
        """Return what a trial at full fidelity came to."""
        return cls(record.state, record.value, float(record.metrics.get("net_pnl", math.nan)))


class Survey:
    """Readings of points of ``plan.space`` through ``evaluate``; a point is simulated when it is asked for the first time."""

    def __init__(self, plan: SearchPlan, evaluate: Evaluate) -> None:
        self._plan, self._evaluate = plan, evaluate
        self._readings: dict[Point, Reading] = {}

    def point(self, indices: Mapping[str, int]) -> Point:
        """Return ``indices`` in the order of the dimensions."""
        return tuple(indices[name] for name in self._plan.space.names)

    def note(self, indices: Mapping[str, int], reading: Reading) -> None:
        """Take over a reading that is known already."""
        self._readings[self.point(indices)] = reading

    def read(self, points: Sequence[Mapping[str, int]]) -> list[Reading]:
        """Return the readings of ``points``, in their order."""
        unknown = [each for each in {self.point(each): each for each in points}.items() if each[0] not in self._readings]
        if unknown:
            heat = self._evaluate.start([self._plan.space.params(indices) for _, indices in unknown])
            outcomes = heat.advance(range(len(unknown)), self._evaluate.bars)
            for (point, _), outcome in zip(unknown, outcomes, strict=True):
                self._readings[point] = _reading(outcome, self._plan)
        return [self._readings[self.point(each)] for each in points]


def _reading(outcome: Outcome, plan: SearchPlan) -> Reading:
    """Return the reading of one outcome, by the same rules that name a trial's state."""
    if isinstance(outcome, Exception):
        return Reading("failed", math.nan, math.nan)
    value, net_pnl = objective_value(outcome, plan.objective), float(outcome["net_pnl"])
    if outcome["ruined"]:
        return Reading("ruined", math.nan, net_pnl)
    if outcome["total_trades"] < plan.min_trades:
        return Reading("few_trades", math.nan, net_pnl)
    return Reading("undefined" if math.isnan(value) else "complete", value, net_pnl)
