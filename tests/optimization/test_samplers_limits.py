"""Samplers with several objectives, and with limits that a winner must keep."""

from pathlib import Path

import pytest

from config import Constraints, OptimizationConfig
from config.optimization import SAMPLERS, SEVERAL_OBJECTIVES_SAMPLERS
from optimization.ledger import TrialLedger
from optimization.search import SearchPlan, best_of, search
from optimization.verdicts import Verdict
from tests.optimization.fakes import FakeTrials, Metrics, Params, hill, metrics, mixed, plan

TRADES = Constraints(min_trades=60)


def rivals(params: Params, share: float) -> Metrics:
    """Return a Sharpe ratio and a profit that are best at different ends."""
    return mixed(params, share) | {"net_pnl": -1000.0 * abs(params["period"] - 38)}


def two_objectives(sampler: str, budget: int = 60) -> SearchPlan:
    return plan(sampler=sampler, objectives=("sharpe", "net_pnl"), constraints=TRADES, levels=(1.0,), budget=budget)


def one_objective(sampler: str, budget: int = 32) -> SearchPlan:
    levels = OptimizationConfig(optuna_sampler=sampler).levels  # type: ignore[arg-type]
    return plan(sampler=sampler, constraints=TRADES, levels=levels, budget=min(budget, 20) if sampler == "gp" else budget)


def same_bytes_when_resumed(wanted: SearchPlan, folder: Path) -> bool:
    """Return whether a ledger that was cut anywhere ends as the whole one did."""
    path, copy = folder / "whole.log", folder / "resumed.log"
    with TrialLedger({}, path) as ledger:
        trials = len(search(wanted, ledger, FakeTrials(rivals)))
    lines = path.read_bytes().splitlines(keepends=True)
    for done in (3, 16, trials - 1):
        copy.write_bytes(b"".join(lines[: 1 + done]))
        with TrialLedger({}, copy) as ledger:
            search(wanted, ledger, FakeTrials(rivals))
        if copy.read_bytes() != path.read_bytes():
            return False
    return True


@pytest.mark.parametrize("sampler", SEVERAL_OBJECTIVES_SAMPLERS)
def test_a_search_for_two_objectives_leaves_the_same_bytes_when_resumed(sampler: str, tmp_path: Path) -> None:
    assert same_bytes_when_resumed(two_objectives(sampler), tmp_path)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_search_within_limits_leaves_the_same_bytes_when_resumed(sampler: str, tmp_path: Path) -> None:
    assert same_bytes_when_resumed(one_objective(sampler), tmp_path)


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "nsga3"])
def test_several_objectives_get_better_together(sampler: str) -> None:
    def measure(params: Params, _share: float) -> Metrics:
        return hill(params, 1.0) | {"net_pnl": -1000.0 * abs(params["period"] - 38)}

    found = search(plan(sampler=sampler, objectives=("sharpe", "net_pnl"), levels=(1.0,), budget=120), TrialLedger({}), FakeTrials(measure))
    for objective in range(2):
        first, last = (
            [record.values[objective] or 0.0 for record in part if record.state == "complete"] for part in (found[:40], found[80:])
        )
        assert sum(last) / len(last) > sum(first) / len(first)


@pytest.mark.parametrize("sampler", ["tpe", "gp", "cmaes"])
def test_a_limit_is_learned(sampler: str) -> None:
    """The best points break the limit: who learns tries allowed ones more often than chance does, and finds a better one."""
    budget = 40 if sampler == "gp" else 80

    def measure(params: Params, _share: float) -> Metrics:
        return metrics(hill(params, 1.0)["sharpe_ratio"], trades=int(120 - 4 * abs(params["period"] - 14)))

    def late(name: str) -> tuple[float, float]:
        found = search(plan(sampler=name, constraints=TRADES, levels=(1.0,), budget=budget), TrialLedger({}), FakeTrials(measure))
        states = [record.state for record in found[budget // 2 :] if record.state != "duplicate"]
        winner = best_of(found)
        assert winner is not None
        assert winner.metrics["total_trades"] >= 60
        return states.count("complete") / len(states), winner.value

    (allowed, best), (by_chance, best_by_chance) = late(sampler), late("random")
    assert allowed > by_chance
    assert best > best_by_chance


def test_ranks_follow_the_order_in_which_tpe_takes_trials() -> None:
    best_first = [
        Verdict(values=(2.0,), violations=(0.0, -0.5)),
        Verdict(values=(1.0,)),
        Verdict(level=2, score=-3.0),
        Verdict(level=1, score=9.0),
        Verdict(level=1, score=8.0),
        Verdict(values=(9.0,), violations=(0.1, -5.0)),
        Verdict(values=(9.0,), violations=(0.1, 0.2)),
        Verdict(),
    ]
    in_disorder = [*best_first[4:], *best_first[:4]]
    assert sorted(in_disorder, key=lambda verdict: verdict.rank) == best_first
