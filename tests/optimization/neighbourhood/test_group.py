"""Figures of a group of points, and the rule that names it."""

import math

import pytest

from optimization.neighbourhood.group import group_of
from optimization.neighbourhood.survey import Reading
from optimization.neighbourhood.verdict import Scale, kind_of
from optimization.objectives import Goal
from optimization.trial_record import State

SCALE = Scale.of(Goal.of("sharpe"))


def readings(*values: float, invalid: int = 0, state: State = "ruined") -> list[Reading]:
    return [*(Reading("complete", value, value) for value in values), *[Reading(state, math.nan, 5.0)] * invalid]


def test_figures_of_a_group() -> None:
    group = group_of(readings(*(float(value) for value in range(-9, 11))), winner=8.0)
    assert (group.points, group.median, group.worst_decile, group.best) == (20, 0.5, -7.0, 10.0)
    assert (group.share_profitable, group.share_better) == (0.5, 0.1)
    assert group.states == {"complete": 20}


@pytest.mark.parametrize("count", range(1, 45))
def test_nine_of_ten_points_reach_the_worst_decile_and_no_higher_value_would_do(count: int) -> None:
    values = [float(value) for value in range(count)]
    worst = group_of(readings(*values), winner=1.0).worst_decile
    assert sum(value >= worst for value in values) >= 0.9 * count
    assert sum(value > worst for value in values) < 0.9 * count


def test_points_without_a_valid_result_pull_the_figures_down_and_a_profit_of_theirs_does_not_count() -> None:
    group = group_of(readings(1.0, 2.0, 3.0, invalid=2), winner=2.5)
    assert (group.median, group.share_profitable, group.share_better) == (1.0, 0.6, 0.2)
    assert math.isnan(group.worst_decile)
    assert math.isnan(group_of(readings(1.0, 2.0, invalid=2), winner=2.5).median)


def test_no_points_have_no_figures() -> None:
    group = group_of([], winner=1.0)
    assert group.points == 0
    assert all(math.isnan(value) for value in (group.median, group.worst_decile, group.best, group.share_profitable, group.share_better))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0.8] * 20, "plateau"),
        ([0.79] * 20, "uneven"),
        ([0.9] * 18 + [0.49] * 2, "plateau"),
        ([0.9] * 17 + [0.49] * 3, "uneven"),
        ([0.5] * 20, "uneven"),
        ([0.49] * 20, "spike"),
        ([-1.0] * 20, "spike"),
        ([], "undefined"),
    ],
)
def test_the_thresholds_are_the_stated_ones(values: list[float], kind: str) -> None:
    assert kind_of([group_of(readings(*values), winner=1.0)], 1.0, SCALE) == kind


def test_the_worse_group_decides() -> None:
    flat, fallen, middling = (group_of(readings(*[value] * 20), winner=1.0) for value in (0.95, 0.1, 0.6))
    assert kind_of([flat, flat], 1.0, SCALE) == "plateau"
    assert kind_of([flat, middling], 1.0, SCALE) == "uneven"
    assert kind_of([flat, fallen], 1.0, SCALE) == kind_of([fallen, flat], 1.0, SCALE) == "spike"
    assert kind_of([flat, group_of([], winner=1.0)], 1.0, SCALE) == "plateau"


@pytest.mark.parametrize("winner", [0.0, -1.0])
def test_a_winner_without_a_lead_has_nothing_to_keep(winner: float) -> None:
    assert kind_of([group_of(readings(winner), winner)], winner, SCALE) == "no_edge"
    assert math.isnan(SCALE.kept(1.0, winner))
