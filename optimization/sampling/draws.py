"""Samplers without a study: the point of a trial follows from its number, so thousands are drawn at once and nothing is replayed."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from optimization.space import SearchSpace
from strategies.base import ParamValue

Point = dict[str, ParamValue]


class Draws(Protocol):
    """The points of trials 1, 2, ...; trial 0 is the base."""

    @property
    def trials(self) -> int:
        """The number of trials, trial 0 among them."""
        ...

    def points(self, numbers: range) -> list[Point]:
        """Return the points of the trials ``numbers``, which follow one another; the same whatever was drawn before."""
        ...


class Uniform:
    """Every point of the grid as likely as any other. Trial n takes the n-th row of one stream of random numbers."""

    def __init__(self, space: SearchSpace, seed: int, budget: int) -> None:
        self._space, self._seed, self.trials = space, seed, budget

    def points(self, numbers: range) -> list[Point]:
        """Return the points of the trials ``numbers``."""
        dimensions = len(self._space.dimensions)
        stream = np.random.PCG64(self._seed).advance(numbers.start * dimensions)
        return points_at(self._space, np.random.Generator(stream).random((len(numbers), dimensions)))


class Sobol:
    """A scrambled Sobol' sequence: it fills the space more evenly than chance does. Trial n takes its n-th point."""

    def __init__(self, space: SearchSpace, seed: int, budget: int) -> None:
        from scipy.stats import qmc  # a second to load, for this one sampler

        self._space, self.trials = space, budget
        self._sequence: Any = qmc.Sobol(len(space.dimensions), scramble=True, rng=np.random.default_rng(seed))

    def points(self, numbers: range) -> list[Point]:
        """Return the points of the trials ``numbers``."""
        if self._sequence.num_generated > numbers.start:
            self._sequence.reset()
        if skipped := numbers.start - self._sequence.num_generated:
            self._sequence.fast_forward(skipped)
        return points_at(self._space, self._sequence.random(len(numbers)))


def points_at(space: SearchSpace, cube: NDArray[np.float64]) -> list[Point]:
    """Return the points of the grid at ``cube`` (f64[n, d], each in [0, 1)): every value of a parameter has an equal share."""
    counts = np.array([dimension.last + 1 for dimension in space.dimensions])
    return points_of(space, np.minimum((cube * counts).astype(np.int64), counts - 1).tolist())


def points_of(space: SearchSpace, rows: Sequence[Sequence[int]]) -> list[Point]:
    """Return the points at ``rows`` of indices, in the order of the dimensions."""
    dimensions = space.dimensions
    return [{each.name: each.value(index) for each, index in zip(dimensions, row, strict=True)} for row in rows]
