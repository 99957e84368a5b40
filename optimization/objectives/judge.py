"""What a search makes of a trial's outcome: the values of its objectives and how far it breaks the constraints."""

import logging
import math
from collections.abc import Sequence

from config import Constraints
from core.errors import OptimizationError
from optimization.objectives.constraints import violations
from optimization.objectives.metric import Goal, MetricValues, finite
from optimization.objectives.own import OwnObjective, load_objective

logger = logging.getLogger(__name__)


class ObjectiveError(Exception):
    """A user's own objective could not be computed for one trial; the trial fails, the search goes on."""


class Judge:
    """The objectives called ``names`` and ``constraints``. ConfigError for a file of the user's that holds no objective.

    ``digests``: the SHA-256 that the files had when the search was planned; OptimizationError for one that has been edited since. What
    is wrong with a user's objective is logged the first time that it happens, with the trace; the trials
    keep every reason.
    """

    def __init__(self, names: Sequence[str], constraints: Constraints | None = None, digests: Sequence[str] | None = None) -> None:
        self.goals = tuple(Goal.of(name) for name in names)
        self.constraints = constraints or Constraints()
        self._own: dict[str, OwnObjective] = {goal.name: load_objective(goal.name) for goal in self.goals if goal.form == "own"}
        if digests is not None and self.digests != tuple(digests):
            labels = ", ".join(own.label for own in self._own.values())
            raise OptimizationError(f"{labels} was edited while a search that uses it was about to begin. Start the run again.")
        self._beside = frozenset(goal.figure for goal in self.goals if goal.form in ("quartile", "plateau"))

    @property
    def digests(self) -> tuple[str, ...]:
        """The SHA-256 of each file of the user's, in the order of the objectives."""
        return tuple(own.digest for own in self._own.values())

    def values(self, outcome: MetricValues) -> tuple[float, ...]:
        """Return one value per objective, nan where it is undefined; ObjectiveError says why one cannot be computed."""
        return tuple(self._value(goal, outcome) for goal in self.goals)

    def violations(self, outcome: MetricValues, end: int, bars: int) -> tuple[float, ...]:
        """Return how far the outcome of bars [0, ``end``) of ``bars`` breaks each constraint for certain (<= 0: kept so far)."""
        return violations(self.constraints, outcome, end, bars)

    def metrics(self, outcome: MetricValues) -> MetricValues:
        """Return the metrics in ``outcome`` without the figures that only the objectives asked for."""
        return {name: value for name, value in outcome.items() if name not in self._beside} if self._beside else outcome

    def _value(self, goal: Goal, outcome: MetricValues) -> float:
        own = self._own.get(goal.name)
        return finite(float(outcome[goal.figure])) if own is None else self._own_value(own, self.metrics(outcome))

    def _own_value(self, own: OwnObjective, metrics: MetricValues) -> float:
        try:
            value = own.value(metrics)
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            text = f"the objective of {own.label} failed: {type(error).__name__}: {error}"
            if own.is_news(type(error).__name__):
                logger.error("%s; said once, the trials keep it", text, exc_info=error)
            raise ObjectiveError(text) from error
        if math.isnan(value) and own.is_news("undefined"):
            logger.warning("the objective of %s is not defined (nan or infinite) for some trials; they cannot win; said once", own.label)
        return value


def judge_of(objective: "str | Judge") -> Judge:
    """Return what judges by ``objective``: the name of one, or a judge already."""
    return Judge((objective,)) if isinstance(objective, str) else objective
