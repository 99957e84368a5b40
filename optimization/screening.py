"""Screening on a GPU: it may drop trials below full fidelity; every full-fidelity result comes from the processor.

All trials of a batch pass the levels below the last one on the device. The worse half of the field drops out at each of them, as in a race
on the processor, and those trials are ``screened``. The rest is simulated anew on the processor, all levels of it, so their records are
those of a search without a GPU, and how far the device's scores are from the processor's is known for each of them.
"""

import functools
import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TypedDict

import numpy as np

from backtest_engine import Metrics
from backtest_engine.gpu import Gpu, GpuBatch, NoGpu, find_gpu
from config import OptimizationConfig
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Entrant, Evaluate, Outcome, race
from optimization.objectives import Goal, Judge
from optimization.trial_record import TrialRecord
from strategies import ParamValues

logger = logging.getLogger(__name__)
# ``auto`` asks for a device from so many trials a batch on where it was not measured: fewer leave most of it idle.
TRIALS_WORTH_A_GPU = 256


@dataclass(frozen=True, slots=True)
class Screen:
    """What screens trials: ``gpu``, or None for the processor alone, and ``line``, which says so to the user."""

    gpu: Gpu | None
    line: str


def choose_screen(config: OptimizationConfig, crossover: int = TRIALS_WORTH_A_GPU) -> Screen:
    """Return what ``config.gpu`` comes to on this machine; whatever is missing, the search goes on with the processor.

    ``crossover``: the trials of a batch from which the device is the faster one.
    """
    if config.gpu == "off":
        return Screen(None, "not used (gpu is off)")
    if len(config.levels) == 1:
        return Screen(None, "not used: without multi_fidelity there is nothing to screen; CPU used")
    if any(Goal.of(name).form in ("quartile", "plateau") for name in config.objectives):
        return Screen(None, f"not used: it has no figures for objective {', '.join(config.objectives)}; CPU used")
    if config.gpu == "auto" and config.batch < crossover:
        return Screen(None, f"not used: batches of {config.batch} trials are too small ({crossover} and more pay); CPU used")
    found = find_gpu()
    if isinstance(found, NoGpu):
        return Screen(None, f"no GPU: {found.reason}; CPU used")
    return Screen(found, f"{found.name} screens trials below full fidelity; the CPU simulates the rest")


@functools.cache
def announce(screen: Screen) -> None:
    """Say once in the log what was chosen; a walk-forward chooses in every window."""
    logger.log(logging.WARNING if screen.gpu is None else logging.INFO, "GPU: %s", screen.line)


class ScreenTrials:
    """Starts the trials of ``trials`` on ``gpu``."""

    def __init__(self, trials: SimulationTrials, gpu: Gpu) -> None:
        self._trials, self._gpu = trials, gpu

    @property
    def bars(self) -> int:
        """The number of bars at full fidelity."""
        return self._trials.bars

    def start(self, points: Sequence[ParamValues]) -> "ScreenHeat":
        """Return the trials of ``points`` before their first bar."""
        return ScreenHeat(self._trials.batch_on(self._gpu, points))


class ScreenHeat:
    """The trials of one batch on the device."""

    def __init__(self, batch: GpuBatch) -> None:
        self._batch = batch

    def advance(self, places: Sequence[int], end: int) -> list[Outcome]:
        """Simulate the trials at ``places`` up to bar ``end``."""
        rows = np.array(places)
        self._batch.advance(end, rows)
        return [Metrics.of_record(record).as_dict() for record in self._batch.figures(rows)]


def screened_race(
    entrants: Sequence[Entrant],
    screen: Evaluate,
    evaluate: Evaluate,
    ends: Sequence[int],
    objective: str | Judge,
    finishers: frozenset[int] = frozenset(),
) -> None:
    """Run ``entrants`` as ``race`` does, all levels but the last with ``screen``; who is left runs with ``evaluate`` alone.

    A batch that the screen cannot compute, be it for one of its trials, is left to ``evaluate``.
    """
    shadows = [Entrant(entrant.number, entrant.params) for entrant in entrants]
    try:
        race(shadows, screen, ends[:-1], objective)
        trouble = next((shadow.error for shadow in shadows if shadow.error is not None), None)
    except Exception as error:  # noqa: BLE001 - a driver raises what it likes, and a batch can always be simulated without it
        trouble = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if trouble is not None:
        logger.warning("a batch of %d trials was not screened by the GPU (%s); CPU used for it", len(entrants), trouble)
        race(entrants, evaluate, ends, objective, finishers)
        return
    left = sorted((shadow for shadow in shadows if len(shadow.scores) == len(ends) - 1), key=attrgetter("rank"))
    chosen = {shadow.number for shadow in left[: (len(left) + 1) // 2]} | finishers
    for entrant, shadow in zip(entrants, shadows, strict=True):
        if entrant.number in chosen:
            entrant.screen = shadow.scores
        else:
            entrant.scores, entrant.metrics, entrant.bars, entrant.dropped = shadow.scores, shadow.metrics, shadow.bars, True
            entrant.violations = shadow.violations
    race([entrant for entrant in entrants if not entrant.dropped], evaluate, ends, objective, frozenset(chosen))


class ScreeningResult(TypedDict):
    """What a device did in a search: trials that it dropped, scores that the processor computed too, how many of those were the same bit
    for bit, and the largest relative difference among the others (nan when there is no other).
    """

    device: str
    screened: int
    compared: int
    equal: int
    largest_drift: float


def screening_result(device: str, records: Iterable[TrialRecord]) -> ScreeningResult:
    """Return the figures of a finished search."""
    kept = list(records)
    pairs = [pair for record in kept for pair in zip(record.screen, record.scores, strict=False)]
    drifts = [abs(theirs - ours) / abs(ours) for theirs, ours in pairs if theirs is not None and ours]
    return ScreeningResult(
        device=device,
        screened=sum(record.state == "screened" for record in kept),
        compared=len(pairs),
        equal=sum(theirs == ours for theirs, ours in pairs),
        largest_drift=max(drifts, default=math.nan),
    )
