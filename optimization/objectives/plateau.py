"""The plateau score: the median of an objective over the neighbours of a trial, so that a lonely peak is worth what lies around it.

The neighbours are the points of the grid at one or two steps (``optimization.neighbourhood.steps``), simulated together with the trials
and level by level like them. A base off the grid has the grid point next to it among them; a trial without neighbours stands for itself.
A neighbour that could not win itself (failed, ruined, undefined, a constraint broken for certain, at full fidelity too few trades) counts
as worse than every value; where the median falls on one, there is none.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from config import Constraints
from optimization.fidelity import Evaluate, Heat, Outcome
from optimization.neighbourhood.steps import nearest_point, neighbours
from optimization.objectives.constraints import broken, violations
from optimization.objectives.metric import finite
from optimization.space import SearchSpace
from strategies.base import ParamValue, ParamValues


def median(values: Sequence[float]) -> float:
    """Return the median of ``values``, the mean of the two middle ones of an even number; nan counts as lower than every number.

    nan where it falls on a nan, and for no values.
    """
    if not values:
        return math.nan
    ranked = sorted(-math.inf if math.isnan(value) else value for value in values)
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return math.nan if low == -math.inf else (low + high) / 2.0


@dataclass(frozen=True, slots=True)
class PlateauTrials:
    """Trials of ``trials`` whose outcomes have the medians of ``figures`` (name -> metric) over their neighbours in ``space`` as well."""

    trials: Evaluate
    space: SearchSpace
    figures: Mapping[str, str]
    min_trades: int
    constraints: Constraints = field(default_factory=Constraints)

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        return self.trials.bars

    def start(self, points: Sequence[ParamValues]) -> "PlateauHeat":
        """Return the trials of ``points`` and all their neighbours before their first bar; a point is simulated once, whoever asks."""
        places = {self._key(point): place for place, point in reversed(list(enumerate(points)))}
        everything, rings = list(points), list[tuple[int, ...]]()
        for point in points:
            ring = []
            for neighbour in self._ring(point):
                place = places.setdefault(self._key(neighbour), len(everything))
                if place == len(everything):
                    everything.append(neighbour)
                ring.append(place)
            rings.append(tuple(ring) or (places[self._key(point)],))
        return PlateauHeat(self, self.trials.start(everything), tuple(rings))

    def _ring(self, point: ParamValues) -> list[dict[str, ParamValue]]:
        found = self.space.indices(point)
        centre = nearest_point(self.space, point) if found is None else found
        near = [*([centre] if found is None and self.space.dimensions else []), *neighbours(self.space, centre)]
        return [self.space.params(indices) for indices in near]

    def _key(self, point: ParamValues) -> tuple[float, ...]:
        return tuple(point[name] for name in self.space.names)


class PlateauHeat:
    """The trials of one batch with their neighbours: ``rings`` has for each trial the places of its neighbours in ``heat``."""

    def __init__(self, settings: PlateauTrials, heat: Heat, rings: Sequence[tuple[int, ...]]) -> None:
        self._settings, self._heat, self._rings = settings, heat, rings

    def advance(self, places: Sequence[int], end: int) -> list[Outcome]:
        """Simulate the trials at ``places`` and their neighbours up to bar ``end``."""
        needed = sorted({place for trial in places for place in (trial, *self._rings[trial])})
        outcomes = dict(zip(needed, self._heat.advance(needed, end), strict=True))
        return [self._with_medians(outcomes, place, end) for place in places]

    def _with_medians(self, outcomes: Mapping[int, Outcome], place: int, end: int) -> Outcome:
        own = outcomes[place]
        if isinstance(own, Exception):
            return own
        around = [outcomes[each] for each in self._rings[place]]
        return dict(own) | {
            name: median([self._value(outcome, metric, end) for outcome in around]) for name, metric in self._settings.figures.items()
        }

    def _value(self, outcome: Outcome, metric: str, end: int) -> float:
        """Return a neighbour's value, nan for one that could not win."""
        if isinstance(outcome, Exception) or outcome["ruined"]:
            return math.nan
        settings = self._settings
        few = end == settings.bars and outcome["total_trades"] < settings.min_trades
        barred = few or broken(violations(settings.constraints, outcome, end, settings.bars)) > 0.0
        return math.nan if barred else finite(float(outcome[metric]))
