"""The surroundings of a winner: plateaus and spikes are told apart, nothing is dropped, odd spaces and winners included."""

import math
import random
from itertools import pairwise

import pytest

from config import Constraints
from core.canonical_json import dumps
from optimization.ledger import TrialLedger
from optimization.neighbourhood.steps import neighbours
from optimization.neighbourhood.study import BALL_POINTS, COVER_POINTS, study_winner
from optimization.neighbourhood.survey import Survey
from optimization.search import search
from optimization.space import Dimension, SearchSpace
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, metrics, mixed, plan
from tests.optimization.neighbourhood.surfaces import (
    MIDDLE,
    around,
    broad_hill,
    constant,
    record,
    spike,
    steep_hill,
    steps_away,
    study,
)


def test_a_constant_surface_is_a_plateau_whose_score_is_the_winners() -> None:
    found = around(constant)
    assert (found.verdict, found.plateau_score, found.value) == ("plateau", 1.5, 1.5)
    assert found.as_dict()["stands_above"] == 0.0
    assert all(value == 1.5 for each in found.maps for row in each.values for value in row)
    assert found.sentence.startswith("A plateau")


def test_a_planted_spike_is_called_one_in_plain_words() -> None:
    found = around(spike)
    assert (found.verdict, found.plateau_score) == ("spike", 0.3)
    assert found.sentence.startswith("A sharp spike: small changes of the parameters lose most of the result.")
    assert "the median of the 24 points within two steps is 0.30 (15 % kept)" in found.sentence
    assert found.as_dict()["stands_above"] == 1.7


def test_a_broad_hill_is_a_plateau_and_a_steep_one_neither() -> None:
    assert around(broad_hill).verdict == "plateau"
    assert around(steep_hill).verdict == "uneven"


def test_a_ridge_that_only_the_ball_falls_off_is_no_plateau() -> None:
    assert around(lambda params: metrics(2.0 if steps_away(params) < 2.5 else 0.1)).verdict == "spike"


def test_all_points_within_two_steps_a_ball_and_a_cover_are_counted() -> None:
    found = around(constant)
    assert (found.steps.points, found.ball.points, found.space.points) == (24, BALL_POINTS, COVER_POINTS)


def test_every_point_is_simulated_once_and_the_winner_not_at_all() -> None:
    trials = FakeTrials(lambda params, _share: constant(params))
    study_winner(plan(), [record(MIDDLE, constant(MIDDLE))], trials)
    keys = [dumps(params) for params in trials.started]
    assert len(set(keys)) == len(keys)
    assert dumps(MIDDLE) not in keys
    assert {(done, end) for _, done, end in trials.advances} == {(0, trials.bars)}


def test_readings_do_not_depend_on_who_else_is_asked_for_or_in_which_order() -> None:
    points = neighbours(SPACE, {"period": 15, "multiplier": 20, "threshold": 15})
    together = Survey(plan(), FakeTrials(mixed)).read(points)
    shuffled = random.Random(3).sample(points, len(points))
    alone = Survey(plan(), FakeTrials(mixed))
    one_by_one = {alone.point(point): alone.read([point])[0] for point in shuffled}
    assert dumps([str(each) for each in together]) == dumps([str(one_by_one[alone.point(point)]) for point in points])


def test_points_that_cannot_win_are_counted_and_rank_below_all_others() -> None:
    def surface(params: Params) -> Metrics:
        kind = round(float(params["period"])) % 5
        if kind == 1:
            raise RuntimeError("this point cannot be simulated")
        return metrics(2.0, trades=3 if kind == 2 else 50, ruined=kind == 3)

    steps = around(surface, dict(MIDDLE) | {"period": 25}).steps
    assert sum(steps.states.values()) == steps.points == 24
    assert {state: count for state, count in steps.states.items() if state != "complete"} == {"few_trades": 1, "ruined": 1, "failed": 5}
    assert (steps.median, steps.best) == (2.0, 2.0)
    assert math.isnan(steps.worst_decile), "more than a tenth of the points have no valid result"
    assert steps.share_profitable == 17 / 24


def test_a_winner_among_ruins_is_a_spike() -> None:
    found = around(lambda params: metrics(2.0, ruined=steps_away(params) > 0.5))
    assert (found.verdict, math.isnan(found.plateau_score)) == ("spike", True)
    assert "half or more of the 24 points within two steps have no valid result" in found.sentence


def test_a_point_that_breaks_a_constraint_is_not_valid() -> None:
    def surface(params: Params) -> Metrics:
        return metrics(2.0, trades=50 if steps_away(params) < 0.5 else 20)

    found = around(surface, wanted=plan(constraints=Constraints(min_trades=30)))
    assert found.steps.states == {"infeasible": 24}
    assert found.verdict == "spike"


def test_a_winner_that_does_not_earn_is_no_peak() -> None:
    found = around(lambda _params: metrics(-0.4))
    assert (found.verdict, found.plateau_score) == ("no_edge", -0.4)
    assert "does not earn" in found.sentence


def test_of_a_profit_factor_only_what_is_above_one_is_kept() -> None:
    def surface(params: Params) -> Metrics:
        return metrics(1.0) | {"profit_factor": 1.5 if steps_away(params) < 0.5 else 1.2}

    wanted = plan(objectives=("profit_factor",))
    found, _ = study_winner(wanted, [record(MIDDLE, surface(MIDDLE), scores=(1.5,))], FakeTrials(lambda params, _share: surface(params)))
    assert found.verdict == "spike", "80 % of 1.5 are left, but 40 % of the lead over 1"
    assert "(40 % kept)" in found.sentence


def test_of_several_objectives_the_first_is_looked_at_and_of_a_plateau_what_it_is_made_of() -> None:
    several = plan(objectives=("sharpe", "net_pnl"), levels=(1.0,))
    winner = record(MIDDLE, broad_hill(MIDDLE), scores=(2.0,), values=(2.0, 200.0))
    trials = FakeTrials(lambda params, _share: broad_hill(params))
    assert study_winner(several, [winner], trials)[0].scale.label == "sharpe"
    smoothed = record(MIDDLE, broad_hill(MIDDLE), scores=(1.7,))
    found, _ = study_winner(plan(objectives=("sharpe_plateau",)), [smoothed], trials)
    assert (found.scale.label, found.value) == ("sharpe", 2.0)


def test_without_a_valid_trial_nothing_stands_out_and_that_is_said() -> None:
    few = record(MIDDLE, metrics(2.0, trades=3), state="few_trades")
    found, importance = study_winner(plan(), [few], FakeTrials(lambda params, _share: broad_hill(params)))
    assert (found.verdict, found.maps, found.steps.points) == ("undefined", (), 0)
    assert math.isnan(found.value)
    assert "No trial was valid" in found.sentence
    assert found.space.points == COVER_POINTS
    assert importance.reason is None, "which parameters matter is known all the same"


def test_one_parameter_has_neighbours_but_no_map() -> None:
    line = SearchSpace((Dimension("period", "int", 10, 40, 1),), {"period": 20})
    found = around(lambda params: metrics(2.0 - 0.01 * abs(params["period"] - 25)), {"period": 25}, plan(space=line))
    assert (found.steps.points, found.maps, found.verdict) == (4, (), "plateau")


@pytest.mark.parametrize("dimensions", [(), (Dimension("period", "int", 25, 25, 1),)])
def test_a_space_of_one_point_has_no_neighbours(dimensions: tuple[Dimension, ...]) -> None:
    base = {each.name: 25 for each in dimensions}
    found, importance = study(constant, base, plan(space=SearchSpace(dimensions, base)))
    assert (found.verdict, found.steps.points, found.ball.points) == ("undefined", 0, 0)
    assert "no other point" in found.sentence
    assert importance.reason == "no parameter has more than one value"


def test_a_winner_at_the_border_is_said_to_be_there() -> None:
    found = around(constant, dict(MIDDLE) | {"period": 40, "threshold": 20.0})
    assert found.at_border == ("period", "threshold")
    assert found.steps.points == (2 + 2 + 4) + (1 + 2 + 2), "one side is missing along two of the three parameters"
    assert found.verdict == "plateau"


def test_a_base_off_the_grid_stands_beside_the_point_next_to_it() -> None:
    found = around(constant, dict(MIDDLE) | {"multiplier": 2.54})
    assert not found.on_grid
    assert found.steps.points == 25, "the point next to it is one of its neighbours"
    assert found.verdict == "plateau"


def test_maps_are_there_for_every_pair_of_the_most_important_parameters_with_the_winner_in_the_middle() -> None:
    space = SearchSpace((*SPACE.dimensions, Dimension("idle", "int", 0, 20, 1)), {})
    weights = {"period": 1.0, "multiplier": 4.0, "threshold": 2.0, "idle": 0.0}

    def surface(params: Params) -> Metrics:
        return metrics(sum(weight * float(params[name]) / (40 if name != "multiplier" else 5) for name, weight in weights.items()))

    found, importance = study(surface, dict(MIDDLE) | {"idle": 10}, plan(space=space))
    assert importance.ranked == ("multiplier", "threshold", "period", "idle")
    assert [(each.x, each.y) for each in found.maps] == [("multiplier", "threshold"), ("multiplier", "period"), ("threshold", "period")]
    for each in found.maps:
        assert (each.x_values[4], each.y_values[4]) == (MIDDLE[each.x], MIDDLE[each.y])
        for row, down in zip(each.values, each.y_values, strict=True):
            assert row == tuple(
                surface(dict(MIDDLE) | {"idle": 10, each.x: across, each.y: down})["sharpe_ratio"] for across in each.x_values
            )


def test_maps_have_a_hole_where_there_is_no_valid_result() -> None:
    found = around(lambda params: metrics(2.0, ruined=params["period"] == 26))
    each = found.maps[0]
    holes = [value for row, down in zip(each.values, each.y_values, strict=True) for value, x in zip(row, each.x_values, strict=True)
             if {each.x: x, each.y: down}.get("period") == 26]  # fmt: skip
    assert holes
    assert all(math.isnan(value) for value in holes)


def test_strides_of_a_map_reach_the_edge_of_the_ball() -> None:
    space = SearchSpace((Dimension("a", "int", 0, 400, 1), Dimension("b", "int", 0, 8, 1)), {})
    found = around(constant_of, {"a": 200, "b": 4}, plan(space=space))
    each = found.maps[0]
    widths = {each.x: each.x_values, each.y: each.y_values}
    assert widths["a"] == tuple(range(160, 241, 10))
    assert widths["b"] == tuple(range(9))
    assert all(low < high for values in widths.values() for low, high in pairwise(values))


def constant_of(_params: Params) -> Metrics:
    return metrics(1.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_equal_searches_are_studied_alike_and_other_seeds_draw_other_points(seed: int) -> None:
    def found(number: int) -> str:
        wanted, trials = plan(seed=number), FakeTrials(mixed)
        records = search(wanted, TrialLedger({}), trials)
        return dumps([each.as_dict() for each in study_winner(wanted, records, trials)])

    assert found(seed) == found(seed)
    assert found(seed) != found(seed + 10)
