"""What picking the best of so many trials is worth: deflated Sharpe ratio, overfitting, data snooping, paths."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from core.errors import StatisticsError
from walkforward.evidence.account_statistics import Curve, Draws
from walkforward.evidence.benchmark import Benchmark
from walkforward.evidence.statistic import Statistic, statistic, without
from walkforward.evidence.trial_points import SearchTrials
from walkforward.evidence.trial_returns import Floats
from walkforward.evidence.trial_table import TrialTable
from walkforward.significance.backtest_length import minimum_backtest_years, sharpe_expected_from_noise
from walkforward.significance.clusters import Clusters, cluster_trials
from walkforward.significance.cpcv import path_sharpes
from walkforward.significance.cscv import Overfitting, overfitting_probability
from walkforward.significance.deflated_sharpe import DeflatedSharpe, deflated_sharpe
from walkforward.significance.effective_trials import EffectiveTrials, effective_trials
from walkforward.significance.false_discovery import observed_false_discovery, planned_false_discovery, power
from walkforward.significance.haircut import haircut_sharpe
from walkforward.significance.moments import Moments, moments_of, sharpe_variance
from walkforward.significance.reality_check import reality_check
from walkforward.significance.romano_wolf import romano_wolf
from walkforward.significance.superior_ability import superior_ability

# A trial that Romano and Wolf's procedure says is better than the benchmark is wrong with this probability, over all of them.
FAMILY_ERROR = 0.05
# What is assumed where the chance of a false discovery is told: so many strategies have an edge, and it has this annual Sharpe ratio.
PRIOR, EDGE_SHARPE = 0.1, 2.0
_CURVE_POINTS = 25
_DEFLATED = ("trials", "count", "threshold_sharpe", "counts", "variance", "variants", "variance_of_draws", "curve")
_FALSE_DISCOVERY = ("planned", "power", "prior", "edge_sharpe", "trials")
_OVERFITTING = ("slope", "r_squared", "skill_slope", "probability_of_loss", "columns", "blocks", "splits")
_SPA = ("p_lower", "p_upper", "block", "resamples")
_PATHS = ("sharpes", "share_positive", "groups", "tested", "purge_days", "embargo_days")


@dataclass(eq=False)
class Selection:
    """The search and its winner: all trials side by side, the ``winner``'s curve, and what there is to beat."""

    trials: SearchTrials
    table: TrialTable
    winner: Curve
    benchmark: Benchmark
    draws: Draws

    @cached_property
    def clusters(self) -> Clusters:
        """Groups of trials that are one bet under several names; StatisticsError where there is nothing to group."""
        return cluster_trials(self.table.matrix, self.draws.seed_for("clusters"))

    @cached_property
    def counts(self) -> EffectiveTrials:
        """How many independent trials the search amounts to; StatisticsError as ``clusters``."""
        return effective_trials(self.table.matrix, self.trials.raw, self.clusters)

    @cached_property
    def independent(self) -> tuple[str, float]:
        """The number of independent trials to judge by and its name: the larger of clusters and effective rank, else all that differ."""
        try:
            named = {"clustered": float(self.counts.clustered), "effective_rank": self.counts.effective_rank}
        except StatisticsError:
            return "unique", float(len(self.trials.points))
        best = max(named, key=lambda name: named[name])
        return best, named[best]

    @property
    def moments(self) -> Moments:
        """The moments of what the winner earned each day above what is earned without risk; StatisticsError where it never changes."""
        return moments_of(self.winner.returns - self.draws.risk_free)

    @property
    def differences(self) -> Floats:
        """Every trial's daily returns less the benchmark's."""
        return self.table.matrix - self.benchmark.returns[:, None]


def selection_statistics(selection: Selection, *, blocks: int, groups: int, tested: int) -> dict[str, Any]:
    """Return the statistics of the whole search by their names in significance.json."""
    resamples, year = selection.draws.resamples, selection.draws.per_year
    count = selection.independent[1]
    years = len(selection.table.days) / year
    return {
        "deflated_sharpe": statistic(lambda: _deflated(selection), _DEFLATED),
        "false_discovery": statistic(lambda: _false_discovery(selection), _FALSE_DISCOVERY),
        "overfitting_probability": _overfitting(selection, blocks),
        "superior_ability": statistic(lambda: _superior(selection, resamples), _SPA),
        "reality_check": statistic(
            lambda: {"value": reality_check(selection.differences, resamples, selection.draws.seed_for("reality check")).p}
        ),
        "romano_wolf": statistic(lambda: _better_trials(selection, resamples), ("trials",)),
        "paths": statistic(lambda: _paths(selection, groups, tested), _PATHS),
        "haircut": _haircuts(selection),
        "minimum_backtest_years": statistic(
            lambda: {"value": minimum_backtest_years(count, selection.moments.sharpe * math.sqrt(year)), "trials": count}, ("trials",)
        ),
        "noise_sharpe": statistic(lambda: {"value": sharpe_expected_from_noise(count, years), "trials": count}, ("trials",)),
    }  # fmt: skip


def missing_selection(reason: str) -> dict[str, Any]:
    """Return the same statistics where there is no search to speak of."""
    fields: dict[str, tuple[str, ...]] = {
        "deflated_sharpe": _DEFLATED, "false_discovery": _FALSE_DISCOVERY, "superior_ability": _SPA,
        "overfitting_probability": (*_OVERFITTING, "logits", "variants"),
        "reality_check": (), "romano_wolf": ("trials",), "paths": _PATHS, "minimum_backtest_years": ("trials",),
        "noise_sharpe": ("trials",),
    }  # fmt: skip
    cuts = {name: without(reason, ("p_value",)) for name in ("bonferroni", "holm", "bhy")}
    return {name: without(reason, names) for name, names in fields.items()} | {"haircut": cuts}


def _deflated(selection: Selection) -> dict[str, Any]:
    moments, year = selection.moments, selection.draws.per_year
    variance = sharpe_variance(selection.table.sharpes)
    counts, (name, count) = selection.counts, selection.independent
    judge: Callable[[float], DeflatedSharpe] = lambda trials: deflated_sharpe(moments, trials, variance)  # noqa: E731
    found, named = judge(count), counts.as_dict()
    most = max(2.0, 10.0 * counts.raw)
    curve = np.geomspace(1.0 + 1e-9, most, _CURVE_POINTS)
    drawn = selection.table.sharpes_drawn
    return {
        "value": found.value,
        "trials": count,
        "count": name,
        "threshold_sharpe": found.threshold * math.sqrt(year),
        "counts": named,
        "variance": variance * year,
        "variants": [
            {"count": each, "trials": trials, "value": judge(trials).value if trials > 1 else None} for each, trials in named.items()
        ],
        "variance_of_draws": sharpe_variance(drawn) * year if np.isfinite(drawn).sum() > 1 else None,
        "curve": [[trials, judge(trials).value] for trials in curve.tolist()],
    }


def _false_discovery(selection: Selection) -> dict[str, Any]:
    """Return P(no edge | the winner's ratio, as the best of so many) and, ``planned``, P(no edge | a ratio that is significant at 5 %)."""
    moments, trials = selection.moments, selection.independent[1]
    luck = deflated_sharpe(moments, trials, sharpe_variance(selection.table.sharpes)).threshold
    edge = luck + EDGE_SHARPE / math.sqrt(selection.draws.per_year)
    detected = power(moments, edge, luck)
    return {
        "value": observed_false_discovery(moments, edge, PRIOR, luck, trials),
        "planned": planned_false_discovery(detected, PRIOR),
        "power": detected,
        "prior": PRIOR,
        "edge_sharpe": EDGE_SHARPE,
        "trials": trials,
    }


def _overfitting(selection: Selection, blocks: int) -> Statistic:
    """Return the probability on cluster medoids, and beside it those on all trials and on the ones drawn blindly."""
    matrix = selection.table.matrix
    variants = {
        "all": statistic(lambda: _numbers(overfitting_probability(matrix, blocks)), _OVERFITTING),
        "draws": statistic(lambda: _numbers(overfitting_probability(matrix[:, selection.table.drawn], blocks)), _OVERFITTING),
    }

    def judged() -> Mapping[str, Any]:
        found = overfitting_probability(matrix[:, selection.clusters.medoids], blocks)
        return _numbers(found) | {"logits": [list(each) for each in found.logit_histogram()]}

    return statistic(judged, (*_OVERFITTING, "logits")) | {"variants": variants}


def _numbers(found: Overfitting) -> dict[str, float | int]:
    return {
        "value": found.value, "slope": found.slope, "r_squared": found.r_squared, "skill_slope": found.skill_slope,
        "probability_of_loss": found.probability_of_loss, "columns": found.trials, "blocks": found.blocks, "splits": found.splits,
    }  # fmt: skip


def _superior(selection: Selection, resamples: int) -> dict[str, Any]:
    found = superior_ability(selection.differences, resamples, selection.draws.seed_for("superior ability"))
    return {
        "value": found.p_consistent, "p_lower": found.p_lower, "p_upper": found.p_upper, "block": found.block, "resamples": found.resamples,
    }  # fmt: skip


def _better_trials(selection: Selection, resamples: int) -> dict[str, Any]:
    found = romano_wolf(selection.differences, resamples, selection.draws.seed_for("romano wolf"))
    better = np.flatnonzero(found.p_values <= FAMILY_ERROR)
    names = [selection.table.names[place] for place in better[np.argsort(found.p_values[better], kind="stable")].tolist()]
    return {"value": len(names), "trials": names}


def _haircuts(selection: Selection) -> dict[str, Statistic]:
    """Return what is left of the winner's annual Sharpe ratio after each adjustment, with the adjusted p-value."""

    def cut(name: str) -> dict[str, Any]:
        place = selection.trials.winner_place
        if place is None:
            raise StatisticsError("the winner is none of the trials that could be run")
        found = getattr(haircut_sharpe(selection.table.sharpes, len(selection.table.days), place), name)
        return {"value": found.sharpe * math.sqrt(selection.draws.per_year), "p_value": found.p_value}

    return {name: statistic(partial(cut, name), ("p_value",)) for name in ("bonferroni", "holm", "bhy")}


def _paths(selection: Selection, groups: int, tested: int) -> dict[str, Any]:
    if not len(selection.winner.pnls):
        raise StatisticsError("the winner made no trade, so that no holding time says how many days to leave out between the groups")
    days = math.ceil(selection.winner.longest_days)
    found, year = path_sharpes(selection.table.matrix, groups, tested, days, days), math.sqrt(selection.draws.per_year)
    numbers = found.as_dict()
    return numbers | {"value": found.median * year, "sharpes": (found.sharpes * year).tolist()}
