"""The verdict and its gates: each passes, fails and cannot be computed, and the words are honest."""

import math
from typing import Any

import pytest

from config import VerdictConfig
from reporting.gate import GATES, Gate
from reporting.gates import Evidence, judge_gates
from reporting.verdict import HEADLINE_FAIL, HEADLINE_PASS, HEADLINE_TOO_FEW, Verdict, judge
from tests.reporting.runs import optimization, walkforward, window
from tests.reporting.significance import missing, missing_account, nothing_computed, significance

REASON = "there are 3 days of returns, and 16 blocks of time need more"


def scores(**changes: Any) -> dict[str, Any]:
    return {"consistency": 1.0, "stability": 0.9, "overfitting": 0.2, "confidence": 0.92} | changes


def statistic(name: str, **changes: Any) -> dict[str, Any]:
    """Return a significance.json in which one statistic is different."""
    return significance(**{name: significance()[name] | changes})


def without(name: str) -> dict[str, Any]:
    return significance(**{name: missing(REASON, significance()[name])})


def out_of_sample(psr: float) -> dict[str, Any]:
    account = significance()["out_of_sample"]
    return significance(out_of_sample=account | {"psr": account["psr"] | {"value": psr}})


def around(stage: str = "7.2", **changes: Any) -> dict[str, Any]:
    """Return an optimization.json in which the winner of one stage has other surroundings."""
    content = optimization()
    content["stages"][stage] = content["stages"][stage] | {"neighbourhood": content["stages"][stage]["neighbourhood"] | changes}
    return content


# gate -> what it reads, just good enough, just not good enough, and not to be computed
CASES: dict[str, tuple[str, Any, Any, Any]] = {
    "superior_ability": (
        "significance",
        statistic("superior_ability", value=0.0499),
        statistic("superior_ability", value=0.05),
        without("superior_ability"),
    ),
    "deflated_sharpe": (
        "significance",
        statistic("deflated_sharpe", value=0.95),
        statistic("deflated_sharpe", value=0.9499),
        without("deflated_sharpe"),
    ),
    "overfitting_probability": (
        "significance",
        statistic("overfitting_probability", value=0.2),
        statistic("overfitting_probability", value=0.2001),
        without("overfitting_probability"),
    ),
    "profitable_windows": (
        "walkforward",
        walkforward(scores=scores(consistency=0.6)),
        walkforward(scores=scores(consistency=0.599)),
        walkforward(scores=scores(consistency=None)),
    ),
    "out_of_sample_psr": (
        "significance",
        out_of_sample(0.9),
        out_of_sample(0.8999),
        significance(out_of_sample=missing_account(REASON, significance()["out_of_sample"])),
    ),
    "plateau": (
        "optimization",
        around(value=2.0, plateau_score=1.2),
        around(value=2.0, plateau_score=1.19),
        around(value=2.0, plateau_score=None),
    ),
    "permutation": (
        "significance",
        statistic("permutation", value=0.05),
        statistic("permutation", value=0.0501),
        without("permutation"),
    ),
    "doubled_costs_profit": (
        "walkforward",
        walkforward(doubled_costs={"net_pnl": 0.01}),
        walkforward(doubled_costs={"net_pnl": 0.0}),
        walkforward(doubled_costs={"net_pnl": None}),
    ),
    "out_of_sample_trades": ("walkforward", walkforward(oos_trades=30), walkforward(oos_trades=29), None),
}


def evidence(**changes: Any) -> Evidence:
    """What passes every gate, but for ``changes``."""
    return Evidence(**({"walkforward": walkforward(), "optimization": optimization(), "significance": significance()} | changes))


def verdict_on(**changes: Any) -> Verdict:
    return judge(evidence(**changes), synthetic=False)


def gate_named(verdict: Verdict, name: str) -> Gate:
    return next(gate for gate in verdict.gates if gate.name == name)


def test_gates_are_all_there_in_their_order() -> None:
    for each in (evidence(), evidence(significance=None), evidence(significance=nothing_computed())):
        assert [gate.name for gate in judge_gates(each, VerdictConfig())] == list(GATES) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_gate_passes_at_its_limit_and_fails_beyond(name: str) -> None:
    reads, good, bad, _ = CASES[name]
    for content, expected in ((good, True), (bad, False)):
        verdict = verdict_on(**{reads: content})
        gate = gate_named(verdict, name)
        assert gate.passed is expected
        assert gate.reason is None
        assert gate.value is not None
        assert verdict.passed is expected
        assert verdict.headline == (HEADLINE_PASS if expected else HEADLINE_FAIL)
        assert all(other.passed for other in verdict.gates if other.name != name)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[3] is not None])
def test_gate_that_cannot_be_computed_says_why_and_counts_as_failed(name: str) -> None:
    reads, _, _, unknown = CASES[name]
    verdict = verdict_on(**{reads: unknown})
    gate = gate_named(verdict, name)
    assert gate.value is None
    assert not gate.passed
    assert not verdict.passed
    assert gate.reason
    assert gate.reason in gate.sentence
    assert f"{GATES[name].label}: {gate.sentence}" in verdict.text
    if reads == "significance":
        assert gate.reason == REASON


def test_nan_is_no_number_for_a_gate() -> None:
    for name, changes in {
        "profitable_windows": {"walkforward": walkforward(scores=scores(consistency=math.nan))},
        "deflated_sharpe": {"significance": statistic("deflated_sharpe", value=math.nan)},
        "plateau": {"optimization": around(plateau_score=math.nan)},
    }.items():
        gate = gate_named(verdict_on(**changes), name)
        assert gate.value is None
        assert not gate.passed


def test_every_limit_can_be_set() -> None:
    beyond: dict[str, dict[str, Any]] = {
        "superior_ability": {"spa_p_below": 0.001}, "deflated_sharpe": {"deflated_sharpe_from": 0.999},
        "overfitting_probability": {"overfitting_probability_to": 0.001}, "profitable_windows": {"profitable_windows_from": 1.0},
        "out_of_sample_psr": {"out_of_sample_psr_from": 0.999}, "plateau": {"plateau_from": 5.0},
        "permutation": {"permutation_p_to": 0.001},
        "doubled_costs_profit": {"doubled_costs_profit_above": 1e6}, "out_of_sample_trades": {"out_of_sample_trades_from": 1_000},
    }  # fmt: skip
    content = evidence(walkforward=walkforward(scores=scores(consistency=0.9)))
    assert set(beyond) == set(GATES)
    for name, limits in beyond.items():
        verdict = judge(content, VerdictConfig(**limits), synthetic=False)
        assert [gate.name for gate in verdict.gates if not gate.passed] == [name]
        assert gate_named(verdict, name).threshold == next(iter(limits.values()))


@pytest.mark.parametrize(("slope", "word"), [(0.0, "neither better nor worse"), (-0.3, "worse")])
def test_low_probability_of_overfitting_fails_without_a_rising_slope(slope: float, word: str) -> None:
    gate = gate_named(
        verdict_on(significance=statistic("overfitting_probability", value=0.1, skill_slope=slope)), "overfitting_probability"
    )
    assert (gate.value, gate.passed, gate.reason) == (0.1, False, None)
    assert f"went with {word} on the other" in gate.sentence
    lower = VerdictConfig(degradation_slope_above=-1.0)
    content = evidence(significance=statistic("overfitting_probability", value=0.1, skill_slope=slope))
    assert gate_named(judge(content, lower, synthetic=False), "overfitting_probability").passed


def test_falling_slope_of_the_chosen_trials_alone_fails_nothing() -> None:
    """Where one trial is chosen on every half, what its better half holds its other half lacks."""
    assert verdict_on(significance=statistic("overfitting_probability", value=0.01, slope=-0.9, skill_slope=0.8)).passed


def test_sentences_tell_the_other_ways_to_count_too() -> None:
    verdict = verdict_on()
    assert gate_named(verdict, "deflated_sharpe").sentence.endswith("(All trials counted as independent: 94.1 %.)")
    overfitting = gate_named(verdict, "overfitting_probability").sentence
    assert "21.0 % among all trials, 14.0 % among start-up trials only" in overfitting
    assert gate_named(verdict, "permutation").sentence.endswith("(The whole walk-forward on shuffled days: 2.0 %.)")


def test_permutation_test_that_could_not_pass_says_what_to_raise() -> None:
    few = verdict_on(significance=statistic("permutation", permutations=10, better=0, value=1 / 11))
    assert "cannot be less than 9 %: raise significance.permutations" in gate_named(few, "permutation").sentence
    assert "raise" not in gate_named(verdict_on(), "permutation").sentence


def test_slope_without_a_value_fails_and_says_so() -> None:
    gate = gate_named(verdict_on(significance=statistic("overfitting_probability", skill_slope=None)), "overfitting_probability")
    assert not gate.passed
    assert gate.reason == "the slope of results on one half on those on the other is undefined"
    assert "the slope is undefined" in gate.sentence


def test_run_without_statistics_is_judged_and_each_gate_that_needs_them_fails() -> None:
    verdict = verdict_on(significance=None)
    failed = [gate for gate in verdict.gates if not gate.passed]
    assert [gate.name for gate in failed] == [name for name, case in CASES.items() if case[0] == "significance"]
    assert all(gate.reason and "not computed" in gate.reason for gate in failed)
    labels = ", ".join(GATES[gate.name].label for gate in failed)
    assert verdict.text.count(failed[0].sentence) == 1
    assert f"{labels}: {failed[0].sentence}" in verdict.text


def test_statistics_of_which_none_can_be_computed_give_their_reason() -> None:
    verdict = verdict_on(significance=nothing_computed("No trades were made out of sample."))
    for name, case in CASES.items():
        if case[0] == "significance":
            assert gate_named(verdict, name).reason == "No trades were made out of sample"


def test_no_scored_window_is_too_few_trades_and_helps() -> None:
    windows = [window(k, trades=k, scored=False) for k in range(3)]
    none = scores(consistency=None, stability=None, overfitting=None, confidence=None)
    verdict = verdict_on(walkforward=walkforward(windows, scores=none, scored_windows=0, oos_trades=3))
    assert verdict.headline == HEADLINE_TOO_FEW
    assert not verdict.passed
    for hint in ("3 out-of-sample windows", "3 trades", "at most 2", "rsi_long_threshold", "is_length_days", "more history"):
        assert hint in verdict.text


def test_no_trade_at_all_is_too_few_even_when_windows_count_as_scored() -> None:
    windows = [window(k, trades=0) for k in range(3)]
    verdict = verdict_on(walkforward=walkforward(windows, oos_trades=0))
    assert verdict.headline == HEADLINE_TOO_FEW
    assert "none had enough" not in verdict.text


def test_pass_says_that_it_is_no_promise_and_what_was_not_tested() -> None:
    text = verdict_on().text
    assert text.startswith("All 9 gates passed")
    assert "no promise" in text
    assert "Not tested" in text
    assert "36 trades in 3 out-of-sample windows (3 scored)" in text
    assert "There the chosen parameters earned 150.00 and the median trial of each search earned 75.00." in text


def test_median_is_not_compared_when_a_window_has_none() -> None:
    windows = [window(0), window(1) | {"median_trial": None}]
    assert "median trial" not in verdict_on(walkforward=walkforward(windows)).text


def test_fail_names_each_failed_gate_and_no_passed_one() -> None:
    verdict = verdict_on(
        walkforward=walkforward(oos_trades=12, doubled_costs={"net_pnl": -3.0}), significance=statistic("permutation", value=0.4)
    )
    assert verdict.text.startswith("3 of 9 gates failed")
    for gate in verdict.gates:
        assert (f"{GATES[gate.name].label}: {gate.why}" in verdict.text) is not gate.passed
        assert gate.sentence.startswith(gate.why)


def test_combinatorial_windows_are_judged_by_one_path_and_called_no_forecast() -> None:
    paths = [{"path": number, "net_pnl": 1.0, "sharpe_ratio": 1.0, "max_drawdown": -1.0, "total_trades": 36} for number in range(5)]
    text = verdict_on(walkforward=walkforward(paths=paths, stitched_path=2)).text
    assert "36 trades on the middle one of 5 paths through 3 combinatorial windows (3 scored)" in text
    assert "Mind: The windows are combinatorial" in text
    assert "combinatorial" not in verdict_on().text


def test_synthetic_data_is_named_in_every_verdict() -> None:
    cases: tuple[dict[str, Any], ...] = ({}, {"oos_trades": 3}, {"scored_windows": 0})
    for changes in cases:
        content = evidence(walkforward=walkforward(**changes))
        assert "synthetic" in judge(content, synthetic=True).text
        assert "synthetic" not in judge(content, synthetic=False).text


def test_cautions_stand_beside_any_verdict() -> None:
    for content in (walkforward(), walkforward(doubled_costs={"net_pnl": -1.0}), walkforward(oos_trades=0)):
        plain = judge(evidence(walkforward=content), synthetic=False)
        warned = judge(evidence(walkforward=content), synthetic=False, cautions=("No funding is charged.", "It cannot be sold short."))
        assert warned.text == f"{plain.text} Mind: No funding is charged. Mind: It cannot be sold short."
        assert (warned.headline, warned.passed) == (plain.headline, plain.passed)
