"""What lies around the winner of a stage, and which parameters matter there: everything that is evaluated once a search is over."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.seeds import derive_seed
from optimization.fidelity import Evaluate
from optimization.importance import Importance, importance_of
from optimization.neighbourhood.group import Group, group_of
from optimization.neighbourhood.heat_map import HeatMap, heat_maps
from optimization.neighbourhood.low_discrepancy import ball, cover
from optimization.neighbourhood.steps import nearest_point, neighbours
from optimization.neighbourhood.survey import Point, Reading, Survey
from optimization.neighbourhood.verdict import Kind, Scale, kind_of, sentence_of
from optimization.search import SearchPlan, best_of
from optimization.trial_record import TrialRecord

BALL_POINTS = 128
COVER_POINTS = 256
# A heat map is drawn for every pair of so many parameters, the most important ones.
MAPPED_PARAMETERS = 3
# More trials of the search than that add time to the forest and nothing else; they are taken evenly from the search.
_MOST_TRIALS = 256


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What lies around the winner of one stage.

    ``value`` is the winner's objective (nan without a winner). ``steps`` are the points within two steps of it, ``ball`` those drawn from
    a ball around it, ``space`` those spread over the whole grid. ``on_grid`` is false when the winner is a base between or beyond grid
    points: then the grid point next to it is in the middle, and one of ``steps``. ``at_border`` names the parameters whose range ends at
    the winner. ``verdict`` and ``sentence`` by the rule in ``verdict``.
    """

    scale: Scale
    value: float
    verdict: Kind
    sentence: str
    on_grid: bool
    at_border: tuple[str, ...]
    steps: Group
    ball: Group
    space: Group
    maps: tuple[HeatMap, ...]

    @property
    def plateau_score(self) -> float:
        """The median objective of all points within two steps; nan when most of them have no valid result."""
        return self.steps.median

    def as_dict(self) -> dict[str, Any]:
        """Return the record; undefined numbers are nan. ``stands_above`` is how far the winner is above the plateau score,
        ``neutral`` the objective's value when nothing was won or lost."""
        return {
            "objective": self.scale.label,
            "value": self.value,
            "neutral": self.scale.neutral,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "plateau_score": self.plateau_score,
            "stands_above": self.value - self.plateau_score,
            "on_grid": self.on_grid,
            "at_border": list(self.at_border),
            "groups": {"steps": self.steps.as_dict(), "ball": self.ball.as_dict(), "space": self.space.as_dict()},
            "maps": [each.as_dict() for each in self.maps],
        }


def study_winner(plan: SearchPlan, records: Sequence[TrialRecord], evaluate: Evaluate) -> tuple[Neighbourhood, Importance]:
    """Return the neighbourhood of the winner among ``records`` and the importance of the stage's parameters.

    Everything follows from the records and the plan's seed: a search that was interrupted ends with the same numbers.
    """
    survey, winner = Survey(plan, evaluate), best_of(records)
    if not plan.space.dimensions:
        return _alone(survey, winner), importance_of(plan.space, {}, {}, 0)
    spread = cover(plan.space, COVER_POINTS, _seed(plan, "cover"))
    readings = survey.read(spread)
    others = {survey.point(each): reading.value for each, reading in zip(spread, readings, strict=True) if reading.valid}
    importance = importance_of(plan.space, _values_of(plan, records, survey), others, _seed(plan, "importance"))
    if winner is None:
        return _alone(survey, None, readings), importance
    return _neighbourhood(plan, winner, survey, readings, importance), importance


def _neighbourhood(
    plan: SearchPlan, winner: TrialRecord, survey: Survey, spread: Sequence[Reading], importance: Importance
) -> Neighbourhood:
    space, value, found = plan.space, survey.value_of(winner), plan.space.indices(winner.params)
    centre = nearest_point(space, winner.params) if found is None else found
    if found is not None:
        survey.note(found, winner)
    near = [*([] if found is not None else [centre]), *neighbours(space, centre)]
    far = ball(space, centre, BALL_POINTS, _seed(plan, "ball"))
    readings = survey.read([*near, *far])
    steps, around = group_of(readings[: len(near)], value), group_of(readings[len(near) :], value)
    scale = Scale.of(survey.goal)
    kind = kind_of((steps, around), value, scale)
    named = (("points within two steps", steps), ("points of a ball around it", around))
    return Neighbourhood(
        scale=scale,
        value=value,
        verdict=kind,
        sentence=sentence_of(kind, named, value, scale),
        on_grid=found is not None,
        at_border=tuple(each.name for each in space.dimensions if each.last > 0 and centre[each.name] in (0, each.last)),
        steps=steps,
        ball=around,
        space=group_of(spread, value),
        maps=heat_maps(space, centre, _mapped(plan, importance), survey),
    )


def _mapped(plan: SearchPlan, importance: Importance) -> tuple[str, ...]:
    """Return the most important parameters or, where that is undefined, the first ones."""
    varied = tuple(each.name for each in plan.space.dimensions if each.last > 0)
    return (importance.ranked or varied)[:MAPPED_PARAMETERS]


def _alone(survey: Survey, winner: TrialRecord | None, spread: Sequence[Reading] = ()) -> Neighbourhood:
    """Return what there is to say without a winner, or without anything beside it."""
    value, scale = math.nan if winner is None else survey.value_of(winner), Scale.of(survey.goal)
    nothing = group_of((), value)
    sentence = sentence_of("undefined", (), value, scale)
    return Neighbourhood(scale, value, "undefined", sentence, True, (), nothing, nothing, group_of(spread, value), ())


def _values_of(plan: SearchPlan, records: Iterable[TrialRecord], survey: Survey) -> Mapping[Point, float]:
    """Return the values of the complete trials on the grid, evenly chosen where there are very many."""
    complete = [record for record in records if record.state == "complete"]
    if len(complete) > _MOST_TRIALS:
        complete = [complete[k * len(complete) // _MOST_TRIALS] for k in range(_MOST_TRIALS)]
    points = [(plan.space.indices(record.params), survey.value_of(record)) for record in complete]
    return {survey.point(point): value for point, value in points if point is not None}


def _seed(plan: SearchPlan, use: str) -> int:
    return derive_seed(plan.seed, plan.slug, plan.stage, plan.window, use)
