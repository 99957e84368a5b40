"""A small search and what its evidence is made of, for tests."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from config import ExecutionConfig, SignificanceConfig
from core.market import MarketRules
from optimization import STAGES, OptimizationEngine, Stage, TrialRecord
from optimization.executors import MarketSeries
from optimization.search import SearchProgress
from tests.walkforward.markets import SEARCH, STRATEGY, candles
from walkforward.evidence import Account, Curve, EvidencePlan, search_trials, work_on_evidence

EXECUTION = ExecutionConfig(initial_capital=1_000.0)
ACCOUNT = Account(STRATEGY, 1.0, EXECUTION, MarketRules())
FEW = SignificanceConfig(resamples=100, permutations=0, walkforward_permutations=0, overfitting_blocks=4, path_groups=3, path_test_groups=1)


@cache
def series(days: int = 60) -> MarketSeries:
    return MarketSeries(candles(days=days, seed=1))


@cache
def ledgers(days: int = 60) -> Mapping[Stage, Sequence[TrialRecord]]:
    """Return the trials of a random search of 12 + 12 + 4 trials."""
    engine = OptimizationEngine(
        series(days).candles, STRATEGY, 1.0, opt_config=SEARCH.replace(trials=12), execution=EXECUTION, seed=5
    )  # fmt: skip
    engine.optimize_all()
    return {stage: engine.ledger(stage) for stage in STAGES}


def curve(days: int = 60) -> Curve:
    """Return the account of the strategy as given, as if it had been traded out of sample."""
    result = ACCOUNT.simulation(series(days), {}).run()
    return Curve.of(result.equity, result.trades, EXECUTION.initial_capital)


def plan(days: int = 60, **changes: Any) -> EvidencePlan:
    """Return what the evidence of the search follows from, but for ``changes``."""
    trials = search_trials(ledgers(days), STRATEGY, SEARCH)
    fields: dict[str, Any] = {
        "account": ACCOUNT, "trials": trials, "out_of_sample": curve(days), "in_windows": 7, "settings": FEW, "seed": 5, "slug": "test",
    }  # fmt: skip
    return EvidencePlan(**fields | changes)


def evidence(days: int = 60, **changes: Any) -> dict[str, Any]:
    """Return the content that the study comes to."""
    return work_on_evidence(series(days), plan(days, **changes), None, _ignore).content


def _ignore(_progress: SearchProgress) -> None:
    """Report to nobody."""
