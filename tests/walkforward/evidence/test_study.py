"""The evidence of a market: complete, the same every time, and honest about what cannot be computed."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.canonical_json import dumps, plain
from reporting.shapes import require_shape
from reporting.significance_schema import SIGNIFICANCE, STATISTICS
from tests.walkforward.evidence.searches import ACCOUNT, FEW, curve, evidence, ledgers, plan, series
from tests.walkforward.markets import SEARCH, STRATEGY
from walkforward.evidence import lost_evidence, search_trials, without
from walkforward.evidence.account_statistics import LOST, Curve
from walkforward.evidence.provable import provable
from walkforward.evidence.trial_points import SearchTrials
from walkforward.significance.annual import annual_factor
from walkforward.significance.backtest_length import sharpe_expected_from_noise
from walkforward.significance.false_discovery import observed_false_discovery, power
from walkforward.significance.moments import moments_of
from walkforward.significance.probabilistic_sharpe import (
    probabilistic_sharpe,
    probabilistic_sharpe_autocorrelated,
    probabilistic_sharpe_robust,
)

PERMUTED = {name: without("no", ("permutations", "better", "real", "scores", "objective", "note")) for name in
            ("permutation", "walkforward_permutation")}  # fmt: skip
COMPUTED = [name for name in STATISTICS if name not in PERMUTED]


def require(content: dict[str, Any]) -> None:
    require_shape(plain(content | PERMUTED), SIGNIFICANCE, Path("significance.json"))
    for name in COMPUTED:
        assert (content[name]["value"] is None) != (content[name]["reason"] is None), name


def some_trials(count: int) -> SearchTrials:
    trials = search_trials(ledgers(), STRATEGY, SEARCH)
    place = trials.winner_place
    assert place is not None
    points = trials.points[place : place + 1] + trials.points[:place] + trials.points[place + 1 :]
    return replace(trials, points=points[:count], winner_place=0)


def test_every_statistic_is_there_and_the_same_every_time() -> None:
    content = evidence()
    require(content)
    assert [name for name in COMPUTED if content[name]["value"] is None] == []
    assert dumps(content) == dumps(evidence())
    assert dumps(content) != dumps(evidence(seed=6)), "the draws follow the run's seed"
    assert content["trials"] == plain(
        {"raw": 28, "unique": len(plan().trials.points), "compared": len(plan().trials.points), "in_windows": 7,
         "states": plan().trials.states}
    )  # fmt: skip
    assert content["data"]["days"] == 60


def test_ratios_are_annual_and_of_daily_returns() -> None:
    content = evidence()
    winner = ACCOUNT.simulation(series(), plan().trials.winner).run().daily_returns()[1]
    assert content["winner"]["sharpe"] == pytest.approx(moments_of(winner).sharpe * math.sqrt(365.25))
    interval = content["winner"]["intervals"]["sharpe"]
    assert interval["low"] < interval["value"] < interval["high"]
    assert interval["value"] == pytest.approx(content["winner"]["sharpe"])
    drawdown = content["winner"]["intervals"]["max_drawdown"]
    metrics = ACCOUNT.simulation(series(), plan().trials.winner).run().metrics
    assert metrics.max_drawdown <= drawdown["value"] <= 0, "percent, at the close of each day"


def test_the_deflated_sharpe_ratio_is_judged_by_the_larger_of_two_counts() -> None:
    found = evidence()["deflated_sharpe"]
    assert found["trials"] == max(found["counts"]["clustered"], found["counts"]["effective_rank"])
    assert found["trials"] == found["counts"][found["count"]]
    by_name = {each["count"]: each for each in found["variants"]}
    assert by_name[found["count"]]["value"] == found["value"]
    values = [value for _, value in found["curve"]]
    assert values == sorted(values, reverse=True), "the more one looked, the less it is worth"


def test_medoids_are_judged_and_all_trials_stand_beside_them() -> None:
    content = evidence()
    found = content["overfitting_probability"]
    assert found["columns"] <= content["trials"]["compared"] == found["variants"]["all"]["columns"]
    assert found["splits"] == 6
    assert sum(count for _, count in found["logits"]) == 6


def test_one_trial_leaves_what_needs_two_without_a_value() -> None:
    content = evidence(trials=some_trials(1))
    require(content)
    for name in ("deflated_sharpe", "overfitting_probability", "superior_ability", "reality_check", "romano_wolf", "paths"):
        assert "two" in content[name]["reason"] or "2" in content[name]["reason"], content[name]["reason"]
    assert content["out_of_sample"]["psr"]["value"] is not None, "an account needs no other"


def test_trials_that_never_trade_have_no_ratio_and_say_so() -> None:
    silent = replace(ACCOUNT, strategy=STRATEGY.replace(allow_long=False, allow_short=False))
    content = evidence(account=silent)
    require(content)
    assert content["winner"]["sharpe"] is None
    for name in ("deflated_sharpe", "overfitting_probability", "paths", "minimum_backtest_years"):
        assert content[name]["reason"], name
        assert "nan" not in content[name]["reason"].split(), name
    assert content["benchmark"]["name"] in ("cash", "buy_and_hold")


def test_fewer_days_than_blocks_is_the_reason() -> None:
    content = evidence(days=20, settings=FEW.replace(overfitting_blocks=24))
    require(content)
    assert "20 days for 24 blocks" in content["overfitting_probability"]["reason"]


def test_no_trade_out_of_sample_is_the_reason() -> None:
    lain_still = replace(curve(), returns=np.zeros(60), pnls=np.zeros(0), longest_days=0.0)
    content = evidence(out_of_sample=lain_still)
    require(content)
    assert content["out_of_sample"]["psr"] == {"value": None, "reason": "there are no trades out of sample"}
    assert content["monte_carlo"]["reason"]


def test_a_lost_account_has_no_probabilities_however_well_it_ends() -> None:
    times = 1_704_067_200_000 + np.arange(60, dtype=np.int64) * 86_400_000
    fallen = pl.DataFrame({"time": times, "equity": np.concatenate((np.linspace(1000.0, -500.0, 30), np.linspace(-400.0, 5000.0, 30)))})
    trades = pl.DataFrame({"entry_time": times[:2], "exit_time": times[1:3], "net_pnl": [-1500.0, 5500.0]})
    content = evidence(out_of_sample=Curve.of(fallen, trades, 1000.0))
    require(content)
    assert content["out_of_sample"]["sharpe"] is None
    assert content["out_of_sample"]["psr"] == {"value": None, "reason": LOST}
    assert content["out_of_sample"]["intervals"]["profit_factor"]["reason"] == LOST
    assert content["winner"]["psr"]["reason"] is None


def test_a_study_whose_workers_died_says_so_everywhere() -> None:
    content = lost_evidence(series(), plan(), "Its worker died 4 times.")
    require(content)
    assert all(content[name]["reason"] == "its worker died 4 times" for name in COMPUTED)


def test_provable_is_what_noise_would_show_of_so_many_trials() -> None:
    found = provable(series().candles, 350)
    assert found.noise_sharpe == sharpe_expected_from_noise(350, 60 / 365.25)
    assert found.years_for[1.0] == pytest.approx(4 * found.years_for[2.0])
    assert f"{found.noise_sharpe:.2f}" in found.sentence
    assert set(found.as_dict()["years_for_sharpe"]) == {"1", "2"}


def test_every_ratio_leaves_out_what_is_earned_without_risk() -> None:
    rate = 0.3
    saver = replace(ACCOUNT, execution=ACCOUNT.execution.replace(risk_free_rate=rate))
    content, returns = evidence(account=saver), curve().returns
    expected = moments_of(returns - rate / 365.25)
    outside = content["out_of_sample"]
    assert outside["sharpe"] == pytest.approx(expected.sharpe * math.sqrt(365.25))
    assert outside["psr"]["value"] == pytest.approx(probabilistic_sharpe(expected))
    assert outside["intervals"]["sharpe"]["value"] == pytest.approx(outside["sharpe"])
    winner = ACCOUNT.simulation(series(), plan().trials.winner).run().daily_returns()[1]
    found = content["deflated_sharpe"]
    threshold = found["threshold_sharpe"] / math.sqrt(365.25)
    assert found["value"] == pytest.approx(probabilistic_sharpe(moments_of(winner - rate / 365.25), threshold))


def test_the_probabilities_of_an_account_are_those_of_its_three_methods() -> None:
    content, moments = evidence()["out_of_sample"], moments_of(curve().returns)
    assert content["psr"]["value"] == probabilistic_sharpe(moments)
    assert content["psr_autocorrelated"]["value"] == probabilistic_sharpe_autocorrelated(moments)
    assert content["psr_robust"]["value"] == probabilistic_sharpe_robust(curve().returns)
    assert content["sharpe_autocorrelated"]["value"] == pytest.approx(
        moments.sharpe * annual_factor(365.25, moments.autocorrelation)
    )  # fmt: skip


def test_a_false_discovery_is_judged_from_the_bar_of_the_deflated_sharpe_ratio() -> None:
    content = evidence()
    found, deflated = content["false_discovery"], content["deflated_sharpe"]
    winner = moments_of(ACCOUNT.simulation(series(), plan().trials.winner).run().daily_returns()[1])
    luck, edge = (annual / math.sqrt(365.25) for annual in (deflated["threshold_sharpe"], deflated["threshold_sharpe"] + 2.0))
    assert found["trials"] == deflated["trials"]
    assert found["value"] == pytest.approx(observed_false_discovery(winner, edge, 0.1, luck, deflated["trials"]))
    assert found["power"] == pytest.approx(power(winner, edge, luck))
    assert found["planned"] == pytest.approx(0.05 * 0.9 / (0.05 * 0.9 + 0.1 * found["power"]))
