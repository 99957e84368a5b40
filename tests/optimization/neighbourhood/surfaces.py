"""Surfaces with a known winner, and the study of them."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from optimization.importance import Importance
from optimization.neighbourhood.study import Neighbourhood, study_winner
from optimization.search import SearchPlan
from optimization.space import SearchSpace, canonical_key
from optimization.trial_record import TrialRecord
from strategies.base import ParamValue
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, metrics, plan

Surface = Callable[[Params], Metrics]
MIDDLE: Mapping[str, ParamValue] = {"period": 25, "multiplier": 2.5, "threshold": 35.0}


def steps_away(params: Params, space: SearchSpace = SPACE) -> float:
    """Return how many steps of the grid lie between ``params`` and the middle."""
    return sum(abs(float(params[each.name]) - float(MIDDLE[each.name])) / each.step for each in space.dimensions)


def constant(_params: Params) -> Metrics:
    return metrics(1.5)


def spike(params: Params) -> Metrics:
    return metrics(2.0 if steps_away(params) < 0.5 else 0.3)


def broad_hill(params: Params) -> Metrics:
    return metrics(2.0 * math.exp(-((steps_away(params) / 40) ** 2)))


def steep_hill(params: Params) -> Metrics:
    return metrics(2.0 - 0.2 * steps_away(params))


def record(params: Params, outcome: Metrics, number: int = 0, **changes: Any) -> TrialRecord:
    """Return a complete trial at full fidelity."""
    content: dict[str, Any] = {
        "trial": number, "stage": "7.1", "window": None, "params": params, "key": canonical_key(params), "state": "complete",
        "fidelity": 3, "bars": 900, "scores": (float(outcome["sharpe_ratio"]),), "metrics": outcome,
    }  # fmt: skip
    return TrialRecord(**(content | changes))


def study(surface: Surface, winner: Params = MIDDLE, wanted: SearchPlan | None = None) -> tuple[Neighbourhood, Importance]:
    """Return what is found around ``winner``, the only trial of the search."""
    trials = FakeTrials(lambda params, _share: surface(params))
    return study_winner(wanted or plan(), [record(winner, surface(winner))], trials)


def around(surface: Surface, winner: Params = MIDDLE, wanted: SearchPlan | None = None) -> Neighbourhood:
    """Return the neighbourhood of ``winner``, the only trial of the search."""
    return study(surface, winner, wanted)[0]
