"""Constraints: how far a limit is broken, when that is certain, and that tightening one never picks a worse offender."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Constraints, ExecutionConfig, OptimizationConfig
from core.errors import ConfigError
from core.market import MarketRules
from optimization.evaluation import SimulationTrials
from optimization.fidelity import Entrant, race
from optimization.ledger import TrialLedger
from optimization.objectives.constraints import broken, violations
from optimization.objectives.judge import Judge
from optimization.objectives.summary import SearchSummary, add_summary
from optimization.search import best_of, search
from tests.optimization.fakes import FakeTrials, Metrics, Params, metrics, noise, plan
from tests.optimization.market import CANDLES, CONFIG
from tests.optimization.objectives.trials import trial

ALL = Constraints(max_drawdown=20, min_trades=30, max_exposure=40)


def figures(drawdown: float = -10.0, trades: int = 50, exposure: float = 30.0) -> Metrics:
    return metrics(1.0, trades) | {"max_drawdown": drawdown, "exposure": exposure}


def risky(params: Params, share: float) -> Metrics:
    """Return metrics in which the better of two trials has the deeper drawdown; drawdowns only grow."""
    chance = noise("risk", dict(params))
    return metrics(chance, trades=int(100 * noise("trades", dict(params)))) | {
        "max_drawdown": -40.0 * chance * share,
        "exposure": 100.0 * noise("exposure", dict(params)),
    }


def test_violations_are_shares_of_the_limit_in_the_order_of_the_settings() -> None:
    assert violations(ALL, figures(-30.0, 15, 20.0), 900, 900) == (0.5, 0.5, -0.5)
    assert violations(Constraints(max_exposure=40, max_drawdown=20), figures(-30.0, 15, 20.0), 900, 900) == (0.5, -0.5)


def test_a_limit_that_is_met_exactly_is_kept() -> None:
    assert violations(ALL, figures(-20.0, 30, 40.0), 900, 900) == (0.0, 0.0, 0.0)
    assert broken((0.0, 0.0, 0.0)) == 0.0


def test_no_limit_means_no_violation() -> None:
    assert violations(Constraints(), figures(), 900, 900) == ()
    assert broken(()) == 0.0


@given(st.integers(1, 899), st.integers(0, 900), st.floats(0.0, 100.0))
def test_before_the_end_only_what_is_certain_is_broken(end: int, held: int, limit: float) -> None:
    held = min(held, end)
    so_far = figures(0.0, 0, 100.0 * held / end)
    early = violations(Constraints(min_trades=30, max_exposure=max(limit, 0.1)), so_far, end, 900)
    final = violations(Constraints(min_trades=30, max_exposure=max(limit, 0.1)), figures(0.0, 30, 100.0 * held / 900), 900, 900)
    assert broken(early) <= broken(final)


@pytest.mark.parametrize("seed", range(3))
def test_no_simulation_breaks_less_at_the_end_than_was_certain_before(seed: int) -> None:
    draw = np.random.Generator(np.random.PCG64(seed))
    points = [{"ema_fast": int(draw.integers(5, 40)), "rsi_period": int(draw.integers(5, 30))} for _ in range(8)]
    trials = SimulationTrials(CANDLES, CONFIG, 5.0, ExecutionConfig(), MarketRules())
    heat, limits = trials.start(points), Constraints(max_drawdown=4, min_trades=60, max_exposure=15)
    before: list[tuple[float, ...]] = [(-math.inf,) * 3] * len(points)
    broke_early = 0
    for end in (300, 990, 1980, 2500, trials.bars):
        outcomes = heat.advance(range(len(points)), end)
        now = [violations(limits, outcome, end, trials.bars) for outcome in outcomes if not isinstance(outcome, Exception)]
        for early, later in zip(before, now, strict=True):
            assert all(max(one, 0.0) <= max(other, 0.0) for one, other in zip(early, later, strict=True))
        broke_early += sum(broken(each) > 0 for each in now) if end < trials.bars else 0
        before = now
    assert broke_early  # else nothing was tested


def test_a_trial_that_breaks_a_limit_is_infeasible_and_never_wins_while_another_keeps_it() -> None:
    wanted = plan(constraints=Constraints(max_drawdown=20), levels=(1.0,))
    found = search(wanted, TrialLedger({}), FakeTrials(risky))
    winner = best_of(found)
    assert {record.state for record in found} >= {"complete", "infeasible"}
    assert winner is not None
    assert winner.metrics["max_drawdown"] >= -20.0
    offenders = [record for record in found if record.state == "infeasible"]
    assert max(record.scores[-1] or 0.0 for record in offenders) > winner.value


def depth_of_winner(limit: float, sampler: str) -> float:
    wanted = plan(constraints=Constraints(max_drawdown=limit), sampler=sampler, levels=(1.0,), budget=24)
    winner = best_of(search(wanted, TrialLedger({}), FakeTrials(risky)))
    return 0.0 if winner is None else -float(winner.metrics["max_drawdown"])


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_tightening_a_limit_never_chooses_a_trial_that_breaks_it_more(sampler: str) -> None:
    limits = (40.0, 30.0, 20.0, 10.0, 5.0, 1.0)
    depths = [depth_of_winner(limit, sampler) for limit in limits]
    assert all(depth <= limit for depth, limit in zip(depths, limits, strict=True))
    if sampler == "random":  # the same trials under every limit, and the better ones have the deeper drawdowns
        assert depths == sorted(depths, reverse=True)
        assert len(set(depths)) > 3


def test_in_a_race_who_has_broken_a_limit_comes_after_who_may_still_keep_it() -> None:
    depths = (-50.0, -45.0, -1.0, -2.0)

    def measure(params: Params, share: float) -> Metrics:
        place = int(params["x"])
        return metrics(10.0 - place) | {"max_drawdown": depths[place], "exposure": 1.0}

    field = [Entrant(number, {"x": number}) for number in range(4)]
    race(field, FakeTrials(measure), (450, 900), Judge(("sharpe",), Constraints(max_drawdown=20)))
    assert [len(entrant.scores) for entrant in field] == [1, 1, 2, 2]


def test_impossible_constraints_let_the_base_go_on_and_say_what_was_broken_how_often() -> None:
    limits = Constraints(max_drawdown=0.001, min_trades=5)
    wanted = plan(constraints=limits, levels=(1.0,), min_trades=0)
    found = search(wanted, TrialLedger({}), FakeTrials(risky))
    assert best_of(found) is None
    summary = SearchSummary()
    add_summary(summary, ("sharpe",), limits, 0, found)
    told = summary["constraints"]
    simulated = [record for record in found if record.state != "duplicate"]
    assert told["max_drawdown"]["broken"] == told["max_drawdown"]["judged"] == len(simulated)
    assert told["max_drawdown"]["closest"] == min(-float(record.metrics["max_drawdown"]) for record in simulated)
    assert told["min_trades"]["broken"] == sum(int(record.metrics["total_trades"]) < 5 for record in simulated)
    assert told["min_trades"]["closest"] == max(int(record.metrics["total_trades"]) for record in simulated)
    assert f"max_drawdown 0.001 was broken by {len(simulated)} of {len(simulated)}" in summary["advice"]
    assert "loosen" in summary["advice"]


def test_a_limit_that_leaves_the_objective_without_a_value_is_named_too() -> None:
    limits = Constraints(max_drawdown=20)
    barred = [trial(number, (None,), state="undefined", violations=(number - 0.5,), drawdown=-10.0 - 20 * number) for number in range(3)]
    summary = SearchSummary()
    add_summary(summary, ("sharpe_plateau",), limits, 0, barred)
    assert summary["constraints"] == {"max_drawdown": {"limit": 20.0, "broken": 2, "judged": 3, "closest": 10.0}}
    assert "in 2 of them a constraint is broken: max_drawdown 20 was broken by 2 of 3 (the closest came to 10)" in summary["advice"]


def test_a_stopped_trial_counts_for_the_limits_that_it_has_broken_already() -> None:
    limits = Constraints(max_drawdown=1, min_trades=5)
    wanted = plan(constraints=limits, min_trades=0)
    found = search(wanted, TrialLedger({}), FakeTrials(risky))
    summary = SearchSummary()
    add_summary(summary, ("sharpe",), limits, 0, found)
    full = sum(record.state in ("complete", "infeasible") for record in found)
    assert summary["constraints"]["max_drawdown"]["judged"] > full
    assert summary["constraints"]["min_trades"]["judged"] == full


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"max_drawdown": 0}, "constraints.max_drawdown"),
        ({"max_drawdown": 101}, "constraints.max_drawdown = 101 is not allowed: must be a number above 0 to 100"),
        ({"max_drawdown": "deep"}, "constraints.max_drawdown = 'deep'"),
        ({"max_drawdown": float("nan")}, "constraints.max_drawdown = nan"),
        ({"min_trades": 2.5}, "constraints.min_trades = 2.5"),
        ({"max_drawdown": True}, "is a switch"),
        ({"min_trades": 0}, "constraints.min_trades"),
        ({"max_exposure": -1}, "constraints.max_exposure"),
        ({"max_drawdwn": 3}, "Did you mean 'max_drawdown'"),
    ],
)
def test_wrong_limits_are_refused_by_name(wrong: dict[str, float | str], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        OptimizationConfig(constraints=wrong)  # type: ignore[arg-type]
    assert told in str(caught.value)
