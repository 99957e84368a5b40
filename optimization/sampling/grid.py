"""Grid search: every point where the budget allows it, else the finest even part of the grid that it allows."""

import math
from collections.abc import Sequence

from optimization.sampling.draws import Point, points_of
from optimization.space import SearchSpace


class Grid:
    """The base, then the grid point by point, the last parameter changing first; the base is not tried twice.

    A grid that is larger than ``budget`` is thinned: each parameter keeps some of its values, the lowest and the highest among them and
    the others evenly between (a parameter that keeps one, the base's). There is no chance in it, so a seed changes nothing.
    """

    def __init__(self, space: SearchSpace, budget: int) -> None:
        self._space = space
        base = space.indices(space.base)
        counts = [dimension.last + 1 for dimension in space.dimensions]
        whole = space.size + (base is None) <= budget
        self.levels = tuple(counts) if whole else thinned(counts, budget - 1)
        middle = {dimension.name: dimension.last // 2 for dimension in space.dimensions}
        self._places = [
            _spread(dimension.last, level, (base or middle)[dimension.name])
            for dimension, level in zip(space.dimensions, self.levels, strict=True)
        ]
        self._skipped = None if base is None else self._rank([base[dimension.name] for dimension in space.dimensions])
        self.trials = min(budget, math.prod(self.levels) + (self._skipped is None))

    def points(self, numbers: range) -> list[Point]:
        """Return the points of the trials ``numbers``, all of them below ``trials``."""
        return points_of(self._space, [self._indices(number) for number in numbers])

    def _indices(self, number: int) -> list[int]:
        rank = number - 1
        if self._skipped is not None and rank >= self._skipped:
            rank += 1
        indices = []
        for places in reversed(self._places):
            rank, digit = divmod(rank, len(places))
            indices.append(places[digit])
        return indices[::-1]

    def _rank(self, indices: Sequence[int]) -> int | None:
        """Return which point of the grid this is, None when it is not among those that are kept."""
        rank = 0
        for places, index in zip(self._places, indices, strict=True):
            if index not in places:
                return None
            rank = rank * len(places) + places.index(index)
        return rank


def thinned(counts: Sequence[int], budget: int) -> tuple[int, ...]:
    """Return how many of ``counts`` values each parameter keeps, so that there are ``budget`` points at most.

    The parameter that has kept the fewest gets the next one, of equals the one that has the most values, as long as any fits.
    """
    levels = [1] * len(counts)
    while fitting := [
        place for place, count in enumerate(counts)
        if levels[place] < count and math.prod(levels) // levels[place] * (levels[place] + 1) <= budget
    ]:  # fmt: skip
        levels[min(fitting, key=lambda place: (levels[place], -counts[place], place))] += 1
    return tuple(levels)


def _spread(last: int, level: int, only: int) -> list[int]:
    """Return ``level`` indices from 0 to ``last``, evenly apart; a single one is ``only``."""
    if level == 1:
        return [only]
    return [(2 * step * last + level - 1) // (2 * (level - 1)) for step in range(level)]
