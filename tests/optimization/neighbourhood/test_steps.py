"""Neighbours on the grid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import OptimizationError
from optimization.neighbourhood.steps import nearest_point, neighbours
from optimization.space import Dimension, SearchSpace


def space_of(*sizes: int) -> SearchSpace:
    dimensions = tuple(Dimension(f"p{number}", "int", 0, size - 1, 1) for number, size in enumerate(sizes))
    return SearchSpace(dimensions, {each.name: 0 for each in dimensions})


def points_within_two_steps(space: SearchSpace, centre: dict[str, int]) -> set[tuple[int, ...]]:
    """The definition, by trying every point."""
    points: list[tuple[int, ...]] = [()]
    for each in space.dimensions:
        points = [(*point, index) for point in points for index in range(each.last + 1)]
    return {point for point in points if 1 <= sum(abs(a - b) for a, b in zip(point, centre.values(), strict=True)) <= 2}


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.data())
def test_neighbours_are_all_points_at_one_and_two_steps_each_once(sizes: list[int], data: st.DataObject) -> None:
    space = space_of(*sizes)
    centre = {f"p{number}": data.draw(st.integers(0, size - 1)) for number, size in enumerate(sizes)}
    found = [tuple(each.values()) for each in neighbours(space, centre)]
    assert len(set(found)) == len(found)
    assert set(found) == points_within_two_steps(space, centre)


def test_neighbours_come_in_one_order_whatever_the_order_of_the_names() -> None:
    space = space_of(9, 9)
    found = [tuple(each.values()) for each in neighbours(space, {"p1": 4, "p0": 4})]
    assert found == [
        (3, 4), (5, 4), (4, 3), (4, 5), (2, 4), (6, 4), (4, 2), (4, 6), (3, 3), (3, 5), (5, 3), (5, 5),
    ]  # fmt: skip


@pytest.mark.parametrize("dimensions", [1, 2, 5, 6])
def test_inside_the_grid_there_are_two_for_every_dimension_squared_and_doubled(dimensions: int) -> None:
    space = space_of(*[9] * dimensions)
    assert len(neighbours(space, dict.fromkeys(space.names, 4))) == 4 * dimensions + 4 * math.comb(dimensions, 2)


def test_a_single_point_and_an_empty_space_have_no_neighbours() -> None:
    assert neighbours(space_of(1), {"p0": 0}) == []
    assert neighbours(space_of(), {}) == []


@pytest.mark.parametrize("index", [-1, 9])
def test_a_point_off_the_grid_is_refused(index: int) -> None:
    with pytest.raises(OptimizationError, match="index .* of p1 is not within 0 to 8"):
        neighbours(space_of(9, 9), {"p0": 0, "p1": index})


def test_the_nearest_point_of_values_between_and_outside_the_grid() -> None:
    grid = SearchSpace((Dimension("a", "float", 0.5, 5.0, 0.1), Dimension("b", "int", 10, 20, 5), Dimension("c", "bool", 0, 1, 1)), {})
    assert nearest_point(grid, {"a": 0.74, "b": 99, "c": True}) == {"a": 2, "b": 2, "c": 1}
    assert nearest_point(grid, {"a": -3.0, "b": 10, "c": False}) == {"a": 0, "b": 0, "c": 0}
