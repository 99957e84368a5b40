"""The search loop: ask a batch, race it, tell it, write it down, report. The same seed and history always give the same next batch."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from config import Constraints
from core.errors import OptimizationError
from core.seeds import derive_seed
from optimization.fidelity import Entrant, Evaluate, level_ends, race
from optimization.ledger import TrialLedger
from optimization.objectives import Goal, Judge
from optimization.objectives.constraints import broken
from optimization.objectives.metric import figures_of
from optimization.objectives.pareto import Front, knee
from optimization.objectives.plateau import PlateauTrials
from optimization.proposals import BASE_TRIAL, BaseAlone, Proposals, make_proposals, trials_of
from optimization.screening import screened_race
from optimization.space import SearchSpace, Stage, canonical_key
from optimization.times import SearchTimes
from optimization.trial_record import State, TrialRecord
from strategies.base import ParamValue


@dataclass(frozen=True, slots=True)
class SearchProgress:
    """How far a search is: ``done`` of ``total`` trials, the (first) objective's ``best_value`` so far (nan when no trial is valid yet),
    and the ``bars`` that its trials simulated."""

    stage: Stage
    window: int | None
    done: int
    total: int
    best_value: float
    bars: int = 0


ProgressListener = Callable[[SearchProgress], None]


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """Everything that decides which trials a search makes and who wins, but for the evaluation itself.

    ``slug`` names the market and ``window`` the walk-forward window (None = the whole series): they only vary the seeds. ``budget`` is
    the number of trials, ``levels`` the rising fidelity levels, the last one 1.0 and, with several ``objectives``, the only one.
    ``objective_digests``: the SHA-256 of each file of the user's among them. ``blocks`` cut the bars for objectives that end in
    ``_quartile``. ``device`` is "gpu" where one screens the trials.
    """

    stage: Stage
    space: SearchSpace
    slug: str
    window: int | None
    seed: int
    sampler: str
    objectives: tuple[str, ...]
    levels: tuple[float, ...]
    batch: int
    budget: int
    min_trades: int
    device: str = "cpu"
    constraints: Constraints = field(default_factory=Constraints)
    objective_digests: tuple[str, ...] = ()
    blocks: int = 6

    @property
    def objective(self) -> str:
        """The objective that one number stands for: the only one, or the first."""
        return self.objectives[0]

    @property
    def trials(self) -> int:
        """The number of trials: the budget, or less where there is less to try (nothing varies; the points of a grid)."""
        return trials_of(self.sampler, self.space, self.budget)

    def seed_of(self, trial: int) -> int:
        """Return the sampler's seed for one trial."""
        return derive_seed(self.seed, self.slug, self.stage, self.window, trial)


def best_of(records: Sequence[TrialRecord]) -> TrialRecord | None:
    """Return the winner: the complete trial of the highest value, the first of equals; None when none is complete.

    Of several objectives it is the knee of the Pareto front.
    """
    complete = [record for record in records if record.state == "complete"]
    if complete and len(complete[0].values) > 1:
        return knee(Front(complete).trials)
    return max(complete, key=lambda record: (record.value, -record.trial), default=None)


def with_plateaus(evaluate: Evaluate, plan: SearchPlan) -> Evaluate:
    """Return ``evaluate``, with the neighbours of every trial where an objective of ``plan`` is a median over them."""
    figures = figures_of(plan.objectives, "plateau")
    return PlateauTrials(evaluate, plan.space, figures, plan.min_trades, plan.constraints) if figures else evaluate


def search(
    plan: SearchPlan,
    ledger: TrialLedger,
    evaluate: Evaluate,
    on_progress: ProgressListener | None = None,
    screen: Evaluate | None = None,
    times: SearchTimes | None = None,
) -> list[TrialRecord]:
    """Make all trials of ``plan`` that ``ledger`` does not hold yet and return all of them, in order; ``screen`` may drop some early.

    An interrupted search goes on after the last whole batch; one that is complete costs nothing. ``times`` is told where the time goes.
    Raises OptimizationError when every trial failed, since then the trouble is not in the parameters.
    """
    times = times or SearchTimes()
    known, total = len(ledger.records), plan.trials
    done = known if known >= total else known // plan.batch * plan.batch
    judge = Judge(plan.objectives, plan.constraints, plan.objective_digests)
    so_far = _SoFar()
    so_far.add(ledger.records[:done])
    if done < total:
        with times.spent_on("sampler"):
            proposals = _proposals(plan, total)
            proposals.replay(ledger.records[:done])
    if done:
        _report(plan, done, total, so_far, on_progress)
    while done < total:
        numbers = range(done, min(done + plan.batch, total))
        with times.spent_on("sampler"):
            points = proposals.ask(numbers)
        with times.spent_on("engine"):
            trials = _trials(plan, judge, numbers, points, so_far.first_with, evaluate, screen)
        with times.spent_on("ledger"):
            batch = ledger.append(trials)
        with times.spent_on("sampler"):
            proposals.tell(batch)
        so_far.add(batch)
        done = numbers.stop
        _report(plan, done, total, so_far, on_progress)
    _require_one_run(plan, ledger.records)
    return ledger.records


@dataclass(slots=True)
class _SoFar:
    """What every batch asks of all trials before it, kept so that a search of many batches does not go through them again and again."""

    first_with: dict[str, int] = field(default_factory=dict)
    front: list[TrialRecord] = field(default_factory=list)
    best: TrialRecord | None = None
    bars: int = 0

    def add(self, records: Sequence[TrialRecord]) -> None:
        self.bars += sum(record.bars for record in records)
        for record in records:
            self.first_with.setdefault(record.key, record.trial)
        # a batch of duplicates and failures has no values at all: what is known goes on being a front
        several = any(len(record.values) > 1 for record in (*self.front, *records))
        # of all trials so far, only those that may be the winner or be beside it on the front
        self.front = Front([*self.front, *records]).trials if several else [best for best in (best_of([*self.front, *records]),) if best]
        self.best = best_of(self.front)


def _proposals(plan: SearchPlan, trials: int) -> Proposals:
    if trials == 1:
        return BaseAlone(plan.space)
    return make_proposals(plan.sampler, plan.space, plan.seed_of, batch=plan.batch, budget=plan.budget, objectives=len(plan.objectives))


def _trials(
    plan: SearchPlan,
    judge: Judge,
    numbers: range,
    points: Sequence[Mapping[str, ParamValue]],
    first_earlier: Mapping[str, int],
    evaluate: Evaluate,
    screen: Evaluate | None,
) -> list[TrialRecord]:
    """Return the records of one batch: new points raced against each other, repeated ones referred to the first of their kind."""
    keys = [canonical_key(point) for point in points]
    first_here: dict[str, int] = {}
    for number, key in zip(numbers, keys, strict=True):
        first_here.setdefault(key, first_earlier.get(key, number))
    new = {n: Entrant(n, point) for n, key, point in zip(numbers, keys, points, strict=True) if first_here[key] == n}
    entrants, ends = list(new.values()), level_ends(plan.levels, evaluate.bars)
    if screen is None or len(entrants) < 2 or len(ends) < 2:
        race(entrants, evaluate, ends, judge, frozenset({BASE_TRIAL}))
    else:
        screened_race(entrants, screen, evaluate, ends, judge, frozenset({BASE_TRIAL} & new.keys()))
    return [
        _raced(plan, new[number], key) if number in new else _duplicate(plan, number, point, key, first_here[key])
        for number, key, point in zip(numbers, keys, points, strict=True)
    ]


def _raced(plan: SearchPlan, entrant: Entrant, key: str) -> TrialRecord:
    return TrialRecord(
        trial=entrant.number,
        stage=plan.stage,
        window=plan.window,
        params=entrant.params,
        key=key,
        state=_state(plan, entrant),
        fidelity=len(entrant.scores),
        bars=entrant.bars,
        scores=tuple(entrant.scores),
        metrics=entrant.metrics if entrant.error is None else {},
        error=entrant.error,
        screen=tuple(entrant.screen),
        values=entrant.values if entrant.error is None else (),
        violations=entrant.violations if entrant.error is None else (),
    )


def _duplicate(plan: SearchPlan, number: int, params: Mapping[str, ParamValue], key: str, original: int) -> TrialRecord:
    return TrialRecord(number, plan.stage, plan.window, params, key, "duplicate", 0, 0, (), {}, duplicate_of=original)


def _state(plan: SearchPlan, entrant: Entrant) -> State:
    """Return the trial's named state; the number of trades counts at full fidelity only."""
    if entrant.dropped:
        return "screened"
    if entrant.error is not None:
        return "failed"
    if entrant.metrics["ruined"]:
        return "ruined"
    if len(entrant.scores) < len(plan.levels):
        return "pruned"
    if entrant.metrics["total_trades"] < plan.min_trades:
        return "few_trades"
    if entrant.scores[-1] is None:
        return "undefined"
    return "infeasible" if broken(entrant.violations) else "complete"


def _report(plan: SearchPlan, done: int, total: int, so_far: _SoFar, on_progress: ProgressListener | None) -> None:
    if on_progress is not None:
        best = math.nan if so_far.best is None else so_far.best.value
        on_progress(SearchProgress(plan.stage, plan.window, done, total, best, so_far.bars))


def _require_one_run(plan: SearchPlan, records: Sequence[TrialRecord]) -> None:
    if all(record.state in ("failed", "duplicate") for record in records):
        own = any(Goal.of(name).form == "own" for name in plan.objectives)
        remedy = "Check the strategy and the candles; a backtest with the base parameters shows the same error."
        raise OptimizationError(
            f"all {len(records)} trials of stage {plan.stage} failed, the first one with {records[0].error}. "
            + ("Check the file of the objective; what is undefined for a trial should be nan, which is no failure." if own else remedy)
        )
