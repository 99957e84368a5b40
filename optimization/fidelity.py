"""Multi-fidelity: trials of a batch race on growing shares of the bars, and the worse half of the field stops at each level."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Protocol

from optimization.objectives.constraints import broken
from optimization.objectives.judge import Judge, ObjectiveError, judge_of
from optimization.objectives.metric import MetricValues
from strategies.base import ParamValues

logger = logging.getLogger(__name__)
_MESSAGE_LENGTH = 300


Outcome = MetricValues | Exception


class Heat(Protocol):
    """The simulations of some trials, which can be continued."""

    def advance(self, places: Sequence[int], end: int) -> Sequence[Outcome]:
        """Simulate the trials at ``places`` up to bar ``end`` (exclusive; never fewer than before).

        Returns for each of them the metrics of all bars so far, and beside them the figures of robust objectives under their names, or the
        error that it failed with. MemoryError is raised.
        """
        ...


class Evaluate(Protocol):
    """Starts trials over one series of bars."""

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        ...

    def start(self, points: Sequence[ParamValues]) -> Heat:
        """Return the trials of ``points``, in this order, before their first bar."""
        ...


@dataclass(slots=True)
class Entrant:
    """One trial in the race: its ``number`` and ``params``, and how far it has come.

    ``screen``: the scores that a GPU gave it; ``dropped``: these are all it has, since they were not good enough. ``values`` and
    ``violations`` are those of the last level.
    """

    number: int
    params: ParamValues
    bars: int = 0
    scores: list[float | None] = field(default_factory=list)
    metrics: MetricValues = field(default_factory=dict)
    error: str | None = None
    screen: list[float | None] = field(default_factory=list)
    dropped: bool = False
    values: tuple[float | None, ...] = ()
    violations: tuple[float, ...] = ()

    @property
    def rank(self) -> tuple[bool, float, float, int]:
        """The better sorts first; who cannot be ranked comes last, in trial order, which also decides ties.

        Who has broken a constraint for certain comes after all who have not, the least broken one first.
        """
        score = self.scores[-1] if self.scores and self.error is None else None
        return (score is None, broken(self.violations), 0.0 if score is None else -score, self.number)


def level_ends(levels: Sequence[float], bars: int) -> tuple[int, ...]:
    """Return the bar at which each fidelity level ends: ``floor(level * bars)``, at least one bar, the last one all of them."""
    return (*(max(1, math.floor(level * bars + 1e-9)) for level in levels[:-1]), bars)


def race(
    entrants: Sequence[Entrant],
    evaluate: Evaluate,
    ends: Sequence[int],
    objective: str | Judge,
    finishers: frozenset[int] = frozenset(),
) -> None:
    """Run ``entrants`` (in trial order) level by level; the better half, rounded up, goes on from each level to the next.

    ``objective``: the name of one, or what judges the trials; several have no one order, so that they take a single level. Each trial
    continues its own simulation, so no bar is simulated twice. Trials numbered in ``finishers`` go to the end whatever their rank,
    without taking anybody's place. A trial that raises is marked with its ``error`` and stops; MemoryError is passed on.
    """
    if not entrants:
        return
    judge = judge_of(objective)
    heat = evaluate.start([entrant.params for entrant in entrants])
    places = {entrant.number: place for place, entrant in enumerate(entrants)}
    competing, escorted = list(entrants), list[Entrant]()
    for level, end in enumerate(ends, start=1):
        running = [entrant for entrant in sorted((*competing, *escorted), key=attrgetter("number")) if entrant.error is None]
        outcomes = heat.advance([places[entrant.number] for entrant in running], end) if running else []
        for entrant, outcome in zip(running, outcomes, strict=True):
            _note(entrant, outcome, end, evaluate.bars, judge)
        if level < len(ends):
            ranked = sorted(competing, key=attrgetter("rank"))
            kept = (len(ranked) + 1) // 2
            competing = ranked[:kept]
            escorted += [entrant for entrant in ranked[kept:] if entrant.number in finishers]


def message_of(error: Exception) -> str:
    """Return what the ledger says of a trial that raised ``error``: one line."""
    return _line(f"{type(error).__name__}: {error}")


def _line(text: str) -> str:
    return " ".join(text.split())[:_MESSAGE_LENGTH]


def _note(entrant: Entrant, outcome: Outcome, end: int, bars: int, judge: Judge) -> None:
    """Write down how a trial came to bar ``end`` of ``bars``, or how it failed on the way."""
    if isinstance(outcome, Exception):
        entrant.error = message_of(outcome)
        text = "trial %d with %s failed; the search goes on without it"
        logger.error(text, entrant.number, dict(entrant.params), exc_info=outcome)
        return
    entrant.bars = end
    try:
        values = judge.values(outcome)
    except ObjectiveError as error:
        entrant.error = _line(str(error))
        return
    ranked = not outcome["ruined"] and not any(math.isnan(value) for value in values)
    entrant.metrics = judge.metrics(outcome)
    entrant.values = tuple(None if math.isnan(value) or outcome["ruined"] else value for value in values)
    entrant.violations = judge.violations(outcome, end, bars)
    entrant.scores.append(values[0] if ranked else None)
