"""What a search has tried: every different point once, with the winner that goes on from stage to stage."""

import math
from dataclasses import replace

import pytest

from config import OptimizationConfig
from optimization import STAGES, best_of
from optimization.space import canonical_key
from tests.walkforward.evidence.searches import ledgers
from tests.walkforward.markets import SEARCH, STRATEGY
from walkforward.evidence.trial_points import blind_trials, search_trials, trials_in
from walkforward.study import param_values


def test_points_are_those_of_all_ledgers_once_and_states_count_every_trial() -> None:
    found = search_trials(ledgers(), STRATEGY, SEARCH)
    assert found.raw == sum(len(ledgers()[stage]) for stage in STAGES) == sum(found.states.values())
    keys = [canonical_key(point.params) for point in found.points]
    assert len(set(keys)) == len(keys) < found.raw, "the base of 7.2 is the winner of 7.1 again"
    names = {frozenset(point.params) for point in found.points}
    assert len(names) == 1, "all points name the parameters of all stages"


def test_a_point_is_its_trial_laid_over_the_best_of_the_stages_before() -> None:
    found = search_trials(ledgers(), STRATEGY, SEARCH)
    current = param_values(STRATEGY, tuple(found.winner))
    for stage in STAGES:
        records = ledgers()[stage]
        for point in found.points:
            if point.stage == stage:
                record = records[int(point.name.split("/")[1])]
                assert point.params == current | dict(record.params)
                assert record.state not in ("duplicate", "failed")
        best = best_of(records)
        current |= dict((best or records[0]).params)
    assert found.winner == current
    assert found.winner_place is not None
    assert found.points[found.winner_place].params == current


def test_a_trial_that_failed_is_counted_but_is_no_point() -> None:
    with_failure = {"7.1": [*ledgers()["7.1"][:-1], replace(ledgers()["7.1"][-1], state="failed", error="broken")]}
    found = search_trials(with_failure, STRATEGY, SEARCH)  # type: ignore[arg-type]
    assert found.states["failed"] == 1
    assert f"7.1/{len(with_failure['7.1']) - 1}" not in [point.name for point in found.points]


@pytest.mark.parametrize(("sampler", "batch", "blind"), [("tpe", 8, 16), ("tpe", 1, 10), ("cmaes", 8, 0), ("random", 8, math.inf)])
def test_blind_trials_are_whole_batches_drawn_before_anything_was_learned(sampler: str, batch: int, blind: float) -> None:
    optimization = OptimizationConfig(optuna_sampler=sampler, batch=batch)  # type: ignore[arg-type]
    assert blind_trials(optimization) == blind
    found = search_trials(ledgers(), STRATEGY, optimization)
    drawn = [point for point in found.points if point.drawn]
    assert all(0 < int(point.name.split("/")[1]) < blind for point in drawn)
    assert bool(drawn) == (blind > 0)


def test_window_trials_are_those_that_are_no_duplicates() -> None:
    records = ledgers()["7.3"]
    assert trials_in(records) == sum(record.duplicate_of is None for record in records)
