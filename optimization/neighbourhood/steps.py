"""Neighbours on the grid of a search space: what one and two steps away from a point there is."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from core.errors import OptimizationError
from optimization.space import SearchSpace
from strategies.base import ParamValues

Indices = Mapping[str, int]


def neighbours(space: SearchSpace, indices: Indices) -> list[dict[str, int]]:
    """Return every point of ``space`` at one or two steps from ``indices``, which is not among them.

    A step moves one parameter to the next value of its grid, so two steps move one parameter by two or two parameters by one each. The
    one-step points come first, then the two-step ones along one parameter, then the pairs; each group in the order of the dimensions and
    downwards before upwards. No point occurs twice. Points beyond the grid are left out, which keeps the order of ordered parameters:
    their ranges do not overlap. An empty space, or one of a single point, has no neighbours.
    Raises OptimizationError for a point that is not on the grid.
    """
    centre = {dimension.name: indices[dimension.name] for dimension in space.dimensions}
    last = {dimension.name: dimension.last for dimension in space.dimensions}
    beyond = next((name for name, index in centre.items() if not 0 <= index <= last[name]), None)
    if beyond is not None:
        raise OptimizationError(
            f"neighbours of a point off the grid: index {centre[beyond]} of {beyond} is not within 0 to {last[beyond]}."
        )
    return [centre | moved for moved in _moves(centre) if all(0 <= index <= last[name] for name, index in moved.items())]


def _moves(centre: Indices) -> Iterator[dict[str, int]]:
    """Yield the indices that change, on the grid or beyond it."""
    for reach in (1, 2):
        for name, index in centre.items():
            for step in (-reach, reach):
                yield {name: index + step}
    for first, second in combinations(centre, 2):
        for one in (-1, 1):
            for other in (-1, 1):
                yield {first: centre[first] + one, second: centre[second] + other}


def nearest_point(space: SearchSpace, params: ParamValues) -> dict[str, int]:
    """Return the grid point next to ``params``, parameter by parameter; the base of a search may lie between grid points or outside."""
    return {
        each.name: min(max(0, round((params[each.name] - each.low) / each.step)), each.last) for each in space.dimensions
    }  # fmt: skip
