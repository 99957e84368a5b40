"""The default sampler: a multivariate tree-structured Parzen estimator over the places of a grid.

The good trials' density is divided by the others' (optimization/kernels/parzen.py). A trial that was asked for and not yet told counts as
one of the others, so that a batch spreads out.
"""

import math
from bisect import insort
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from optimization.kernels.parzen import density
from optimization.kernels.tpe import candidates, insert
from optimization.space import SearchSpace
from optimization.trial_record import TrialRecord
from optimization.verdicts import Rank, Verdicts
from strategies.base import ParamValue

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

# So many trials are drawn evenly before any is learned from.
START_TRIALS = 10
CANDIDATES = 24
MOST_GOOD = 25
# Above it a row of tails would cost more than the few of them that are looked at.
_LONGEST_TABLE = 128


def good_trials(told: int) -> int:
    """Return how many of ``told`` trials are the good ones."""
    return min(math.ceil(0.1 * told), MOST_GOOD)


@cache
def _tails() -> Floats:
    """Return the tails of a normal distribution: at [w, s] that of a standard deviation of w beyond s + 1/2."""
    steps = range(_LONGEST_TABLE)
    return np.array([[0.5 * math.erfc((each + 0.5) / (max(width, 1) * math.sqrt(2.0))) for each in steps] for width in steps])


def kept_tails(last: Ints) -> Floats:
    """Return, for ``density`` alone to write to, the tails that it needs on grids which end at ``last``."""
    size = max((int(each) + 1 for each in last if each < _LONGEST_TABLE), default=0)
    return _tails()[:size, :size].copy()


def side(places: Ints, order: Ints, chosen: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the places, rising for every parameter, of the ``chosen`` trials, and which of them each belongs to (i64[parameters, chosen]).

    ``places`` (i64[room, parameters]) of all trials; ``order`` (i64[parameters, room]): the trials by rising place.
    """
    parameters, ordered = len(order), order[:, : chosen.size]
    trials = ordered[chosen[ordered]].reshape(parameters, -1)
    return places[trials, np.arange(parameters)[:, None]], (np.cumsum(chosen) - 1)[trials]


class TpeHistory:
    """The places of all trials asked for, and the ranks of those told; parameters whose grids end at ``last``, none of them at 0."""

    def __init__(self, last: Ints) -> None:
        self._last, self._count = last, 0
        self._places = np.empty((64, last.size), np.int64)
        self._order = np.empty((last.size, 64), np.int64)
        self._ranks: list[tuple[Rank, int]] = []
        self._tails = kept_tails(last)

    def add(self, places: Sequence[int] | Ints) -> int:
        """Take in a trial that was asked for; returns its row, which ``rank`` wants."""
        row, room = self._count, len(self._places)
        if row == room:
            self._places = np.concatenate((self._places, np.empty_like(self._places)))
            self._order = np.concatenate((self._order, np.empty_like(self._order)), axis=1)
        self._places[row] = places
        insert(self._order, self._places, row)
        self._count += 1
        return row

    def rank(self, row: int, rank: Rank) -> None:
        """Take in what became of a trial."""
        insort(self._ranks, (rank, row))

    @property
    def good(self) -> NDArray[np.bool_]:
        """Which of the trials are the good ones: the best of those told, of equals the earlier."""
        found = np.zeros(self._count, np.bool_)
        found[[row for _, row in self._ranks[: good_trials(len(self._ranks))]]] = True
        return found

    def draw(self, seed: int) -> Ints:
        """Return the places of another trial."""
        generator = np.random.Generator(np.random.PCG64(seed))
        if len(self._ranks) < START_TRIALS:
            return np.minimum((generator.random(self._last.size) * (self._last + 1)).astype(np.int64), self._last)
        chances = generator.random((CANDIDATES, 1 + self._last.size))
        good = self.good
        ours, others = (side(self._places, self._order, chosen) for chosen in (good, ~good))
        points = candidates(chances, *ours, self._last)
        likely, elsewhere = (density(points, *each, self._last, self._tails) for each in (ours, others))
        return points[:, np.argmax(likely / elsewhere)]


def warm_up_sampler() -> None:
    """Compile the kernels of the sampler, or load them from the disk cache."""
    history = TpeHistory(np.array([1, 2 * _LONGEST_TABLE]))
    for number in range(START_TRIALS):
        history.rank(history.add([number % 2, number]), (0.0, float(number)))
    history.draw(0)


class TpeProposals:
    """Points of the estimator. When the base is off the grid it is proposed all the same, but never learned from."""

    def __init__(self, space: SearchSpace, seed_of: Callable[[int], int]) -> None:
        self._space, self._seed_of = space, seed_of
        self._varied = [each for each in space.dimensions if each.last > 0]
        self._fixed = {each.name: 0 for each in space.dimensions}
        self._history = TpeHistory(np.array([each.last for each in self._varied], np.int64))
        self._rows: dict[int, int] = {}
        self._verdicts = Verdicts()

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Take in all of them."""
        for record in records:
            point = self._space.indices(record.params)
            if point is not None:
                self._rows[record.trial] = self._add(point)
        self.tell(records)

    def ask(self, numbers: range) -> list[Mapping[str, ParamValue]]:
        """Return the points of ``numbers``."""
        return [self._ask(number) for number in numbers]

    def _ask(self, number: int) -> Mapping[str, ParamValue]:
        if number == 0:
            point = self._space.indices(self._space.base)
            if point is not None:
                self._rows[number] = self._add(point)
            return self._space.base
        drawn = self._history.draw(self._seed_of(number))
        self._rows[number] = self._history.add(drawn)
        return self._space.params(self._fixed | dict(zip((each.name for each in self._varied), drawn.tolist(), strict=True)))

    def _add(self, point: Mapping[str, int]) -> int:
        return self._history.add([point[each.name] for each in self._varied])

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Rank the trials."""
        for record in records:
            verdict = self._verdicts.settle(record)
            row = self._rows.pop(record.trial, None)
            if row is not None:
                self._history.rank(row, verdict.rank)
