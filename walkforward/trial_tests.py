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
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.funding import FundingRates
from optimization import STAGES, OptimizationEngine
from optimization.evaluation import SimulationTrials
from optimization.isolation import isolated_where_marked
from optimization.objectives import Goal
from optimization.space import canonical_key
from strategies import ParamValue, with_params
from walkforward.account import Series, StudySettings, param_values
from walkforward.splicing import searched
from walkforward.windows import Window

# Fewer make no order.
LEAST_RANKED = 3
# Points that are simulated at once: of a search of 100,000 the metrics alone would take as much memory as its ledger.
PART = 512
Floats = NDArray[np.float64]


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


def trial_tests(
    search: OptimizationEngine,
    series: Series,
    window: Window,
    settings: StudySettings,
    names: tuple[str, ...],
    folder: Path | None = None,
) -> TrialTests:
    """Test every different trial of ``search``, which searched the parameters ``names``, in both parts of ``window``.

    They are isolated where ``folder``, the study's, is marked so.
    """
    points, measure = different_points(search, settings, names), measure_of(settings)
    inside = _figures(points, *searched(series, window, settings.funding), window.is_start, settings, (measure,), folder)[:, 0]
    known, figures = series.until(window.oos_end), (measure, "sharpe_ratio", "net_pnl")
    outside, sharpes, net_pnls = _figures(points, known, settings.funding, window.oos_start, settings, figures, folder).T
    ranked = np.isfinite(inside) & np.isfinite(outside)
    return TrialTests(
        measure=measure,
        tested=int(np.isfinite(net_pnls).sum()),
        ranked=int(ranked.sum()),
        rank_correlation=rank_correlation(inside[ranked], outside[ranked]),
        median_sharpe=_median(sharpes),
        median_net_pnl=_median(net_pnls),
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


def rank_correlation(first: ArrayLike, second: ArrayLike) -> float:
    """Return Spearman's rank correlation of two series of finite numbers; nan below three pairs and where one series is constant."""
    a, b = (ranks - ranks.mean() if len(ranks) else ranks for ranks in (mean_ranks(first), mean_ranks(second)))
    if len(a) < LEAST_RANKED:
        return math.nan
    scale = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return max(-1.0, min(1.0, float((a * b).sum()) / scale)) if scale > 0 else math.nan


def mean_ranks(values: ArrayLike) -> Floats:
    """Return the rank of each value from 1 up; equal values share the mean of their places."""
    _, place, counts = np.unique(np.asarray(values, np.float64), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: Floats = (last - (counts - 1) / 2.0)[place]
    return means


def _figures(
    points: Sequence[Mapping[str, ParamValue]],
    series: Series,
    funding: FundingRates | None,
    first_bar: int,
    settings: StudySettings,
    names: tuple[str, ...],
    folder: Path | None,
) -> Floats:
    """Return the metrics ``names`` of every point, float64[points, names], nan where undefined and where the simulation failed."""
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
    survivable = isolated_where_marked(trials, folder)
    found = np.full((len(points), len(names)), math.nan)
    for first in range(0, len(points), PART):
        part = points[first : first + PART]
        for place, outcome in enumerate(survivable.start(part).advance(range(len(part)), trials.bars), start=first):
            if not isinstance(outcome, Exception):
                found[place] = [outcome[name] for name in names]
    return found


def _median(values: Floats) -> float:
    defined = values[np.isfinite(values)]
    return float(np.median(defined)) if len(defined) else math.nan
