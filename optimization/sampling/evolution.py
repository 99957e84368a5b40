"""CMA-ES with margin (package cmaes): a normal distribution over the grid that moves, stretches and shrinks with every generation."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimization.space import Dimension, SearchSpace
from optimization.verdicts import Rank

Floats = NDArray[np.float64]
_SPREAD = 0.25  # of a parameter's range: the first generation


class EvolutionStrategy:
    """The distribution of ``space``, at first about the base (its middle, where the base is off the grid).

    A generation has 4 + 3 ln(dimensions) trials, or a batch where that is larger. The strategy goes by ranks, so trials that were stopped
    early or have no value take part. The margin keeps every parameter's neighbouring values within reach, without which a distribution
    that has shrunk below a step of the grid would stand still.
    """

    def __init__(self, space: SearchSpace, seed: int, batch: int) -> None:
        from cmaes import CMAwM  # a second to load, with what it needs, for this one sampler

        self._space = space
        self._varied: tuple[Dimension, ...] = tuple(each for each in space.dimensions if each.last > 0)
        self._last = np.array([each.last for each in self._varied], np.float64)
        count = len(self._varied)
        self.population = max(4 + math.floor(3 * math.log(max(count, 1))), batch)
        self._waiting: list[tuple[Rank, Floats]] = []
        self._strategy: Any = None
        if count:
            base = space.indices(space.base)
            mean = np.full(count, 0.5) if base is None else self.place(base)
            bounds = np.array([[0.0, 1.0]] * count)
            self._strategy = CMAwM(mean, _SPREAD, bounds, steps=1.0 / self._last, seed=seed, population_size=self.population)

    def place(self, indices: dict[str, int]) -> Floats:
        """Return a point's place in the unit cube of the parameters that have more than one value."""
        return np.array([indices[each.name] for each in self._varied]) / self._last

    def draw(self, seed: int) -> tuple[dict[str, int], Floats]:
        """Return a point of the grid, drawn with ``seed``, and the place that ``learn`` wants back."""
        indices = {each.name: 0 for each in self._space.dimensions}
        if self._strategy is None:
            return indices, np.empty(0)
        self._strategy.reseed_rng(seed)
        on_grid, place = self._strategy.ask()
        chosen = np.rint(on_grid * self._last).astype(int).tolist()
        return indices | {each.name: index for each, index in zip(self._varied, chosen, strict=True)}, place

    def learn(self, place: Floats, rank: Rank) -> None:
        """Take in what became of a point; the distribution moves on when a generation is complete."""
        self._waiting.append((rank, place))
        while self._strategy is not None and len(self._waiting) >= self.population:
            generation, self._waiting = self._waiting[: self.population], self._waiting[self.population :]
            generation.sort(key=lambda each: each[0])  # equals stay in trial order
            self._strategy.tell([(each, float(position)) for position, (_, each) in enumerate(generation)])
