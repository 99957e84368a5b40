"""The evidence of one market: a study like any other, which every executor computes to the same bytes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from backtest_engine.metrics import day_ends
from config import SignificanceConfig
from exchanges.calendars import days_per_year
from optimization.executors import MarketSeries, Tick
from walkforward.evidence.account_statistics import Curve, Draws, account_statistics, missing_statistics
from walkforward.evidence.benchmark import benchmark_of
from walkforward.evidence.outlook import missing_outlook, outlook
from walkforward.evidence.selection_statistics import Selection, missing_selection, selection_statistics
from walkforward.evidence.trial_points import SearchTrials
from walkforward.evidence.trial_returns import Account
from walkforward.evidence.trial_table import trial_table


@dataclass(frozen=True, slots=True, eq=False)
class EvidencePlan:
    """What the evidence of a market follows from, beside its series.

    ``trials``: those of its search. ``out_of_sample``: the walk-forward, stitched. ``in_windows``: how many trials its windows' searches
    made. ``seed`` and ``slug`` (the market's) decide every draw.
    """

    account: Account
    trials: SearchTrials
    out_of_sample: Curve
    in_windows: int
    settings: SignificanceConfig
    seed: int
    slug: str


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """``content``: what significance.json holds, but for the permutation tests; ``returns``: the daily returns of the trials
    compared, None where they are lost."""

    content: dict[str, Any]
    returns: pl.DataFrame | None


def work_on_evidence(series: MarketSeries, argument: EvidencePlan, _folder: Path | None, _tick: Tick) -> Evidence:
    """Compute the evidence of a market: what an executor hands to a worker. It takes a few seconds and keeps no files."""
    trials, settings = argument.trials, argument.settings
    per_year = days_per_year(series.candles.market.exchange, series.candles.timeframe)
    draws = Draws(settings.resamples, argument.seed, argument.slug, per_year, argument.account.execution.risk_free_rate / per_year)
    table = trial_table(series, argument.account, trials, settings.most_trials, draws.seed_for("trials compared"))
    winner = _winner(series, argument)
    benchmark = benchmark_of(series.candles, argument.account)
    selection = Selection(trials, table, winner, benchmark, draws)
    whole = selection_statistics(
        selection, blocks=settings.overfitting_blocks, groups=settings.path_groups, tested=settings.path_test_groups
    )
    found = {"stage": trials.winner_stage, "params": dict(trials.winner)} | account_statistics(winner, draws, "winner")
    content = _facts(series, argument, len(table.names)) | {
        "benchmark": benchmark.as_dict(),
        "winner": found,
        "out_of_sample": _out_of_sample(argument.out_of_sample, draws),
        "monte_carlo": outlook(argument.out_of_sample, draws),
    }
    return Evidence(content | whole, table.frame)


def _facts(series: MarketSeries, argument: EvidencePlan, compared: int) -> dict[str, Any]:
    """Return what is compared: settings, trials and days."""
    days, _ = day_ends(series.candles.open_ms)
    trials = argument.trials
    return {
        "settings": argument.settings.model_dump(mode="json"),
        "trials": {
            "raw": trials.raw, "unique": len(trials.points), "compared": compared, "in_windows": argument.in_windows,
            "states": dict(trials.states),
        },
        "data": {
            "days": len(days), "years": len(days) / days_per_year(series.candles.market.exchange, series.candles.timeframe),
            "first_ms": int(series.candles.open_ms[0]), "end_ms": series.candles.end_ms,
        },
    }  # fmt: skip


def lost_evidence(series: MarketSeries, argument: EvidencePlan, reason: str) -> dict[str, Any]:
    """Return the content of a study whose workers died again and again: every statistic says ``reason``."""
    trials = argument.trials
    return _facts(series, argument, 0) | missing_selection(reason) | {
        "benchmark": benchmark_of(series.candles, argument.account).as_dict(),
        "winner": {"stage": trials.winner_stage, "params": dict(trials.winner)} | missing_statistics(reason),
        "out_of_sample": {"stage": "walkforward"} | missing_statistics(reason),
        "monte_carlo": missing_outlook(reason),
    }  # fmt: skip


def _winner(series: MarketSeries, argument: EvidencePlan) -> Curve:
    result = argument.account.simulation(series, argument.trials.winner).run()
    return Curve.of(result.equity, result.trades, argument.account.execution.initial_capital)


def _out_of_sample(curve: Curve, draws: Draws) -> dict[str, Any]:
    if not len(curve.pnls):
        return {"stage": "walkforward"} | missing_statistics("there are no trades out of sample")
    return {"stage": "walkforward"} | account_statistics(curve, draws, "out of sample")
