"""Points spread over a grid and around a point."""

import pytest

from optimization.neighbourhood.low_discrepancy import ball, ball_radius, cover
from optimization.space import Dimension, SearchSpace
from tests.optimization.fakes import SPACE


def space_of(*sizes: int) -> SearchSpace:
    return SearchSpace(tuple(Dimension(f"p{number}", "int", 0, size - 1, 1) for number, size in enumerate(sizes)), {})


def test_a_cover_is_spread_over_the_whole_grid_and_repeats_nothing() -> None:
    points = cover(SPACE, 200, seed=3)
    assert len({tuple(each.values()) for each in points}) == len(points) == 200
    for dimension in SPACE.dimensions:
        found = {each[dimension.name] for each in points}
        assert (min(found), max(found)) == (0, dimension.last)


def test_a_cover_of_a_small_grid_is_the_grid() -> None:
    space = space_of(3, 4)
    assert sorted(tuple(each.values()) for each in cover(space, 12, seed=3)) == [(a, b) for a in range(3) for b in range(4)]


def test_a_ball_lies_on_the_grid_within_its_radius_and_without_its_middle() -> None:
    centre = {"period": 15, "multiplier": 20, "threshold": 15}
    points = ball(SPACE, centre, 100, seed=4)
    assert len({tuple(each.values()) for each in points}) == len(points) == 100
    assert centre not in points
    for point in points:
        away = [max(0.0, abs(point[each.name] - centre[each.name]) - 0.5) / ball_radius(each) for each in SPACE.dimensions]
        assert sum(share * share for share in away) <= 1.0 + 1e-9, "half a step may come from rounding to the grid"


@pytest.mark.parametrize("corner", [0, -1])
def test_a_ball_at_the_corner_of_the_grid_stays_inside(corner: int) -> None:
    centre = {each.name: each.last if corner else 0 for each in SPACE.dimensions}
    points = ball(SPACE, centre, 60, seed=4)
    assert len(points) > 10
    assert all(0 <= point[each.name] <= each.last for point in points for each in SPACE.dimensions)


def test_a_ball_in_one_dimension_and_around_the_only_point() -> None:
    line = space_of(41)
    assert sorted(point["p0"] for point in ball(line, {"p0": 20}, 100, seed=1)) == [16, 17, 18, 19, 21, 22, 23, 24]
    assert ball(space_of(1), {"p0": 0}, 100, seed=1) == []


def test_a_switch_is_flipped_and_nothing_more() -> None:
    space = SearchSpace((Dimension("shy", "bool", 0, 1, 1), Dimension("n", "int", 0, 40, 1)), {})
    assert {point["shy"] for point in ball(space, {"shy": 1, "n": 20}, 50, seed=1)} == {0, 1}
