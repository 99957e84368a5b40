"""The sampler's side of a search: an Optuna study in memory that proposes points and is told what became of them.

The study is derived data. It can be rebuilt from the ledger at any batch border and then proposes bit for bit what it would have
proposed, because it sees grid indices only, its trials keep their order, and every proposal has a sampler with a seed of its own.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import optuna
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from optimization.samplers import make_sampler
from optimization.space import SearchSpace
from optimization.trial_record import TrialRecord
from strategies.base import ParamValue

BASE_TRIAL = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a study is told of one trial: a value when it is complete, else the last score and its level, if there is any.

    A trial without either ranks below all others, and no invented number is needed to say so.
    """

    value: float | None = None
    level: int = 0
    score: float | None = None

    @classmethod
    def of(cls, record: TrialRecord) -> "Verdict":
        """Return what ``record``, which is no duplicate, says."""
        if record.state == "complete":
            return cls(value=record.value)
        if record.state in ("pruned", "screened") and record.scores[-1] is not None:
            return cls(level=record.fidelity, score=record.scores[-1])
        return cls()


class Proposals:
    """Points of ``space`` from the sampler called ``sampler``; trial ``n`` is drawn with ``seed_of(n)``.

    Trial 0 is the base. When it is off the grid it is proposed all the same, but the study never hears of it.
    """

    def __init__(self, space: SearchSpace, sampler: str, seed_of: Callable[[int], int]) -> None:
        self._space, self._sampler, self._seed_of = space, sampler, seed_of
        self._grid: dict[str, BaseDistribution] = {each.name: IntDistribution(0, each.last) for each in space.dimensions}
        self._base = space.indices(space.base)
        self._asked: dict[int, Trial] = {}
        self._verdicts = _Memo()
        with _quiet_optuna():
            self._study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))

    def replay(self, records: Iterable[TrialRecord]) -> None:
        """Rebuild the study from finished trials, in order; only before the first ``ask``."""
        for record in records:
            verdict = self._verdicts.settle(record)
            point = self._space.indices(record.params)
            if point is not None:
                self._study.add_trial(_finished(verdict, point, self._grid))

    def ask(self, numbers: Sequence[int]) -> list[Mapping[str, ParamValue]]:
        """Return the parameters of the next trials, numbered ``numbers``; every one of them must be told before the next call."""
        return [self._ask(number) for number in numbers]

    def _ask(self, number: int) -> Mapping[str, ParamValue]:
        if number == BASE_TRIAL:
            if self._base is None:
                return self._space.base
            with _quiet_optuna():
                self._study.enqueue_trial(dict(self._base))
        self._study.sampler = make_sampler(self._sampler, self._seed_of(number), self._grid)
        trial = self._study.ask(self._grid)
        self._asked[number] = trial
        return self._space.params(trial.params)

    def tell(self, records: Iterable[TrialRecord]) -> None:
        """Tell the study the outcome of asked trials, in trial order."""
        for record in records:
            verdict = self._verdicts.settle(record)
            trial = self._asked.pop(record.trial, None)
            if trial is None:
                continue
            if verdict.value is not None:
                self._study.tell(trial, verdict.value)
                continue
            if verdict.score is not None:
                trial.report(verdict.score, verdict.level)
            self._study.tell(trial, state=TrialState.PRUNED)


@dataclass(slots=True)
class _Memo:
    """The verdict of every trial so far; a duplicate has that of the trial it repeats."""

    verdicts: dict[int, Verdict] = field(default_factory=dict)

    def settle(self, record: TrialRecord) -> Verdict:
        verdict = Verdict.of(record) if record.duplicate_of is None else self.verdicts[record.duplicate_of]
        self.verdicts[record.trial] = verdict
        return verdict


def _finished(verdict: Verdict, point: dict[str, int], grid: dict[str, BaseDistribution]) -> FrozenTrial:
    """Return the frozen trial that ``tell`` would have left behind."""
    if verdict.value is not None:
        return create_trial(state=TrialState.COMPLETE, value=verdict.value, params=point, distributions=grid)
    reported = {} if verdict.score is None else {verdict.level: verdict.score}
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
