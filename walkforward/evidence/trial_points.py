"""What a search has tried, from its ledgers: every different point once, whatever became of it in the race."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config import OptimizationConfig, StrategyConfig
from optimization import STAGES, Stage, TrialRecord
from optimization.search import best_of
from optimization.space import canonical_key
from strategies import ParamValue
from walkforward.study import param_values

Ledgers = Mapping[Stage, Sequence[TrialRecord]]
# Trials that a sampler draws blindly before it learns from them; of those that are not named here, none. Full batches of them.
_BLIND = {"tpe": 10, "gp": 10, "nsga2": 24, "nsga3": 24, "qmc": math.inf, "random": math.inf, "grid": math.inf}


@dataclass(frozen=True, slots=True)
class TrialPoint:
    """One point: ``name`` is stage and number of the first trial there ("7.2/31"), ``params`` the values of all searched parameters.

    ``drawn``: the sampler drew it without having learned from any other of its stage, so that it does not crowd where results were good
    (what the stages before have settled, it holds fixed all the same).
    """

    name: str
    stage: Stage
    params: Mapping[str, ParamValue]
    drawn: bool


@dataclass(frozen=True, slots=True)
class SearchTrials:
    """All trials of stages 7.1, 7.2 and 7.3.

    ``points``: the different ones, in order; ``failed`` trials, which have no result, are left out. ``raw`` counts all trials, ``states``
    by what became of them. ``winner``: the values that the search ended with, ``winner_place`` where they are among the points (None:
    that trial failed), ``winner_stage`` the last stage that had a valid trial, "baseline" when none had.
    """

    points: tuple[TrialPoint, ...]
    raw: int
    states: Mapping[str, int]
    winner: Mapping[str, ParamValue]
    winner_place: int | None
    winner_stage: str


def search_trials(ledgers: Ledgers, base: StrategyConfig, optimization: OptimizationConfig) -> SearchTrials:
    """Return the trials in ``ledgers`` (stage -> its records, in order) of a search that began with ``base``."""
    stages = [stage for stage in STAGES if ledgers.get(stage)]
    names = tuple(dict.fromkeys(name for stage in stages for name in ledgers[stage][0].params))
    current = param_values(base, names)
    blind = blind_trials(optimization)
    points: dict[str, TrialPoint] = {}
    found = "baseline"
    for stage in stages:
        for record in ledgers[stage]:
            if record.state not in ("duplicate", "failed"):
                params = current | dict(record.params)
                drawn = 0 < record.trial < blind
                points.setdefault(canonical_key(params), TrialPoint(f"{stage}/{record.trial}", stage, params, drawn))
        best = best_of(ledgers[stage])
        found = found if best is None else stage
        current |= dict((best or ledgers[stage][0]).params)
    states = Counter(record.state for stage in stages for record in ledgers[stage])
    places = {key: place for place, key in enumerate(points)}
    place = places.get(canonical_key(current))
    return SearchTrials(tuple(points.values()), states.total(), dict(sorted(states.items())), current, place, found)


def blind_trials(optimization: OptimizationConfig) -> float:
    """Return how many trials of a stage are drawn before the sampler has learned from any: whole batches."""
    blind = _BLIND.get(optimization.optuna_sampler, 0)
    return blind if math.isinf(blind) else math.ceil(blind / optimization.batch) * optimization.batch


def trials_in(records: Sequence[TrialRecord]) -> int:
    """Return how many different trials the ledger of one search holds."""
    return sum(record.state != "duplicate" for record in records)
