"""The sampler's side of a search: points to try, and what became of them.

It is derived data. It can be rebuilt from the ledger at any batch border and then proposes bit for bit what it would have proposed: it
sees grid indices only, its trials keep their order, and every proposal is drawn with a seed of its own.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from config.optimization import SEVERAL_OBJECTIVES_SAMPLERS
from core.errors import ConfigError, OptimizationError
from optimization.sampling import Distributions, Draws, check_name, distributions_of, is_study_free, make_draws, make_sampler
from optimization.sampling.evolution import EvolutionStrategy
from optimization.space import SearchSpace
from optimization.tpe import TpeProposals
from optimization.trial_record import TrialRecord
from optimization.verdicts import Verdict, Verdicts
from strategies.base import ParamValue

BASE_TRIAL = 0
Point = Mapping[str, ParamValue]
# Their studies hold more than the trials (generations and parents), so they are rebuilt by asking again.
_WITH_MEMORY = frozenset({"nsga2", "nsga3"})


class Proposals(Protocol):
    """Points of a space, batch by batch; trial 0 is the base."""

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Rebuild the state from finished trials, in order, whole batches of them; only before the first ``ask``."""
        ...

    def ask(self, numbers: range) -> list[Point]:
        """Return the parameters of the next trials, numbered ``numbers``; every one of them must be told before the next call."""
        ...

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Take in the outcome of the trials that were asked, in trial order."""
        ...


def make_proposals(
    sampler: str, space: SearchSpace, seed_of: Callable[[int], int], *, batch: int, budget: int, objectives: int = 1
) -> Proposals:
    """Return the proposals of the sampler called ``sampler``; trial ``n`` is drawn with ``seed_of(n)``.

    ConfigError: there is no such sampler, it cannot take so many ``objectives``, or there is nothing to sample.
    """
    check_name(sampler)
    if not space.dimensions:
        raise ConfigError("there is no parameter to search: the space is empty. Declare a Param for a stage of the search.")
    if objectives > 1 and sampler not in SEVERAL_OBJECTIVES_SAMPLERS:
        able = ", ".join(SEVERAL_OBJECTIVES_SAMPLERS)
        raise ConfigError(f"sampler '{sampler}' searches for one objective, not for {objectives} at once. Those that can: {able}")
    if is_study_free(sampler):
        return DrawnProposals(space, make_draws(sampler, seed_of(BASE_TRIAL), space, budget))
    if sampler == "cmaes":
        return EvolutionProposals(space, seed_of, batch)
    if sampler == "tpe" and objectives == 1:
        return TpeProposals(space, seed_of)
    return StudyProposals(space, sampler, seed_of, batch, objectives)


def trials_of(sampler: str, space: SearchSpace, budget: int) -> int:
    """Return how many of ``budget`` trials there is work for: the base alone where nothing varies, a grid's points, else all of them."""
    check_name(sampler)
    on_grid = space.indices(space.base) is not None
    if space.size == 1:
        return 1 if on_grid else min(budget, 2)
    return make_draws(sampler, 0, space, budget).trials if sampler == "grid" else budget


class BaseAlone:
    """The base of a space in which there is nothing else."""

    def __init__(self, space: SearchSpace) -> None:
        self._base = space.base

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Do nothing."""

    def ask(self, numbers: range) -> list[Point]:
        """Return the base."""
        return [self._base for _ in numbers]

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Do nothing."""


class DrawnProposals:
    """Points that follow from the trials' numbers: nothing is remembered, nothing replayed."""

    def __init__(self, space: SearchSpace, draws: Draws) -> None:
        self._base, self._draws = space.base, draws

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Do nothing."""

    def ask(self, numbers: range) -> list[Point]:
        """Return the points of ``numbers``."""
        drawn = numbers[1:] if numbers.start == BASE_TRIAL else numbers
        return [*([self._base] if numbers.start == BASE_TRIAL else []), *(self._draws.points(drawn) if drawn else [])]

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Do nothing."""


class EvolutionProposals:
    """Points of an evolution strategy. It hears of the base where that is on the grid."""

    def __init__(self, space: SearchSpace, seed_of: Callable[[int], int], batch: int) -> None:
        self._space, self._seed_of, self._batch = space, seed_of, batch
        self._strategy = EvolutionStrategy(space, seed_of(BASE_TRIAL), batch)
        self._places: dict[int, NDArray[np.float64]] = {}
        self._verdicts = Verdicts()

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Ask and tell again, batch by batch."""
        _replay_by_asking(self, records, self._batch)

    def ask(self, numbers: range) -> list[Point]:
        """Return the points of ``numbers``, all drawn from the present distribution."""
        return [self._ask(number) for number in numbers]

    def _ask(self, number: int) -> Point:
        if number == BASE_TRIAL:
            base = self._space.indices(self._space.base)
            if base is not None:
                self._places[number] = self._strategy.place(base)
            return self._space.base
        indices, self._places[number] = self._strategy.draw(self._seed_of(number))
        return self._space.params(indices)

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Rank the trials."""
        for record in records:
            verdict = self._verdicts.settle(record)
            if (place := self._places.pop(record.trial, None)) is not None:
                self._strategy.learn(place, verdict.rank)


class StudyProposals:
    """Points of an Optuna study in memory. When the base is off the grid it is proposed all the same, but the study never hears of it."""

    def __init__(self, space: SearchSpace, sampler: str, seed_of: Callable[[int], int], batch: int, objectives: int = 1) -> None:
        self._space, self._sampler, self._seed_of, self._batch = space, sampler, seed_of, batch
        self._grid: Distributions = distributions_of(space)
        self._base = space.indices(space.base)
        self._asked: dict[int, Trial] = {}
        self._verdicts = Verdicts()
        with _quiet_optuna():
            self._study = optuna.create_study(directions=["maximize"] * objectives, sampler=optuna.samplers.RandomSampler(seed=0))

    def replay(self, records: Sequence[TrialRecord]) -> None:
        """Rebuild the study."""
        if self._sampler in _WITH_MEMORY:
            _replay_by_asking(self, records, self._batch)
            return
        for record in records:
            verdict = self._verdicts.settle(record)
            point = self._space.indices(record.params)
            if point is not None:
                self._study.add_trial(_finished(verdict, point, self._grid, len(self._study.directions)))

    def ask(self, numbers: range) -> list[Point]:
        """Return the points of ``numbers``."""
        return [self._ask(number) for number in numbers]

    def _ask(self, number: int) -> Point:
        if number == BASE_TRIAL:
            if self._base is None:
                return self._space.base
            with _quiet_optuna():
                self._study.enqueue_trial(dict(self._base))
        self._study.sampler = make_sampler(self._sampler, self._seed_of(number), self._grid)
        trial = self._study.ask(self._grid)
        self._asked[number] = trial
        return self._space.params(trial.params)

    def tell(self, records: Sequence[TrialRecord]) -> None:
        """Tell the study."""
        for record in records:
            verdict = self._verdicts.settle(record)
            trial = self._asked.pop(record.trial, None)
            if trial is None:
                continue
            if verdict.values:
                for name, violation in verdict.constraints.items():
                    trial.set_constraint(name, violation)
                self._study.tell(trial, verdict.values)
                continue
            if verdict.score is not None and len(self._study.directions) == 1:  # several objectives know no intermediate values
                trial.report(verdict.score, verdict.level)
            self._study.tell(trial, state=TrialState.PRUNED)


def _replay_by_asking(proposals: Proposals, records: Sequence[TrialRecord], batch: int) -> None:
    """Bring a sampler that has a memory to where it was. OptimizationError when it would have proposed something else by now."""
    for first in range(0, len(records), batch):
        known = records[first : first + batch]
        for record, point in zip(known, proposals.ask(range(first, first + len(known))), strict=True):
            if dict(record.params) != dict(point):
                raise OptimizationError(
                    f"trial {record.trial} of stage {record.stage} was {dict(record.params)}, but its sampler now proposes {dict(point)}: "
                    "a library that it draws with has changed. Remove the ledger to search again, or start a new run."
                )
        proposals.tell(known)


def _finished(verdict: Verdict, point: dict[str, int], grid: Distributions, objectives: int) -> FrozenTrial:
    """Return the frozen trial that ``tell`` would have left behind."""
    if verdict.values:
        return create_trial(values=verdict.values, params=point, distributions=grid, constraints=verdict.constraints)
    if verdict.score is None or objectives > 1:
        return create_trial(state=TrialState.PRUNED, params=point, distributions=grid)
    reported = {verdict.level: verdict.score}
    return create_trial(state=TrialState.PRUNED, value=verdict.score, params=point, distributions=grid, intermediate_values=reported)


@contextmanager
def _quiet_optuna() -> Iterator[None]:
    """Silence Optuna's own reports for a moment, then restore the verbosity that was set."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
