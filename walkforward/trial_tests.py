"""All trials of one window's search, tested on the days after it: whether the search's order of them means anything there.

Every different point that any stage has tried is simulated whole in both parts of the window, whatever became of it in the search (a
pruned trial too), so that no result is compared with one of fewer bars:

    rank correlation    Spearman's: the correlation of the trials' ranks in sample with their ranks out of sample, equal ones sharing
                        the mean of their places; 1 = the same order again, 0 = the search's order says nothing
    selection skill     out of sample, the chosen parameters less the median of all trials: what choosing added to drawing at random

Trials are ranked by the metric of the (first) objective, by the Sharpe ratio where that is a file of the user's.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.funding import FundingRates
from optimization import STAGES, OptimizationEngine
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Outcome
from optimization.objectives import Goal
from optimization.space import canonical_key
from strategies import ParamValue, with_params
from walkforward.account import Series, StudySettings, param_values
from walkforward.splicing import searched
from walkforward.windows import Window

# Fewer make no order.
LEAST_RANKED = 3


@dataclass(frozen=True, slots=True)
class TrialTests:
    """What the trials of a window came to: ``tested`` points, ``ranked`` of which have a value of ``measure`` in both parts.

    ``rank_correlation`` in [-1, 1], nan with fewer than three ranked trials or where all are equal. ``median_sharpe`` (annual) and
    ``median_net_pnl`` (quote) are the medians of all trials out of sample, nan where none has one.
    """

    measure: str
    tested: int
    ranked: int
    rank_correlation: float
    median_sharpe: float
    median_net_pnl: float


def trial_tests(search: OptimizationEngine, series: Series, window: Window, settings: StudySettings, names: tuple[str, ...]) -> TrialTests:
    """Test every different trial of ``search``, which searched the parameters ``names``, in both parts of ``window``."""
    points = different_points(search, settings, names)
    inside = _outcomes(points, *searched(series, window, settings.funding), window.is_start, settings)
    outside = _outcomes(points, series.until(window.oos_end), settings.funding, window.oos_start, settings)
    measure = measure_of(settings)
    pairs = [(_figure(before, measure), _figure(after, measure)) for before, after in zip(inside, outside, strict=True)]
    defined = [pair for pair in pairs if all(map(math.isfinite, pair))]
    return TrialTests(
        measure=measure,
        tested=sum(not isinstance(after, Exception) for after in outside),
        ranked=len(defined),
        rank_correlation=rank_correlation([before for before, _ in defined], [after for _, after in defined]),
        median_sharpe=_median([_figure(after, "sharpe_ratio") for after in outside]),
        median_net_pnl=_median([_figure(after, "net_pnl") for after in outside]),
    )


def measure_of(settings: StudySettings) -> str:
    """Return the metric that trials are ranked by."""
    return Goal.of(settings.optimization.objectives[0]).metric or "sharpe_ratio"


def different_points(search: OptimizationEngine, settings: StudySettings, names: tuple[str, ...]) -> list[dict[str, ParamValue]]:
    """Return the values of ``names`` of every trial, those of one stage beside what it held fixed; each point once, in order of trial."""
    config, stages = settings.strategy, search.summary().stages
    points: dict[str, dict[str, ParamValue]] = {}
    for stage in STAGES:
        base = param_values(config, names)
        for record in search.ledger(stage):
            point = base | dict(record.params)
            points.setdefault(canonical_key(point), point)
        config = with_params(config, stages[stage]["best_params"])
    return list(points.values())


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float:
    """Return Spearman's rank correlation of two series of finite numbers; nan below three pairs and where one series is constant."""
    if len(first) < LEAST_RANKED:
        return math.nan
    a, b = (ranks - ranks.mean() for ranks in (mean_ranks(first), mean_ranks(second)))
    scale = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return max(-1.0, min(1.0, float((a * b).sum()) / scale)) if scale > 0 else math.nan


def mean_ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Return the rank of each value from 1 up; equal values share the mean of their places."""
    _, place, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: NDArray[np.float64] = (last - (counts - 1) / 2.0)[place]
    return means


def _outcomes(
    points: Sequence[Mapping[str, ParamValue]], series: Series, funding: FundingRates | None, first_bar: int, settings: StudySettings
) -> Sequence[Outcome]:
    trials = SimulationTrials(
        series.candles,
        settings.strategy,
        settings.order_qty,
        settings.execution,
        settings.rules,
        first_bar,
        funding,
        detail=series.detail,
    )
    return trials.start(points).advance(range(len(points)), trials.bars)


def _figure(outcome: Outcome, name: str) -> float:
    return math.nan if isinstance(outcome, Exception) else float(outcome[name])


def _median(values: Sequence[float]) -> float:
    defined = [value for value in values if math.isfinite(value)]
    return float(np.median(defined)) if defined else math.nan
