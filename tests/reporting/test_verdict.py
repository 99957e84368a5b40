"""The verdict and its gates: each passes, fails and cannot be computed, and the words are honest."""

import math
from typing import Any

import pytest

from reporting.gates import GateThresholds, judge_gates
from reporting.verdict import HEADLINE_FAIL, HEADLINE_PASS, HEADLINE_TOO_FEW, judge
from tests.reporting.runs import metrics, walkforward, window


def scores(**changes: Any) -> dict[str, Any]:
    return {"consistency": 1.0, "stability": 0.9, "overfitting": 0.2, "confidence": 0.92} | changes


# gate -> (a change just good enough, a change just not good enough, a change that cannot be computed or None)
CASES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]] = {
    "out_of_sample_trades": ({"oos_trades": 30}, {"oos_trades": 29}, None),
    "out_of_sample_profit": ({"stitched": metrics(net_pnl=0.01)}, {"stitched": metrics(net_pnl=0.0)}, {"stitched": metrics(net_pnl=None)}),
    "profitable_windows": (
        {"scores": scores(consistency=0.6)},
        {"scores": scores(consistency=0.59)},
        {"scores": scores(consistency=None), "scored_windows": 0},
    ),
    "overfitting": ({"scores": scores(overfitting=0.5)}, {"scores": scores(overfitting=0.51)}, {"scores": scores(overfitting=None)}),
    "doubled_costs_profit": (
        {"doubled_costs": {"net_pnl": 0.01}},
        {"doubled_costs": {"net_pnl": -1.0}},
        {"doubled_costs": {"net_pnl": None}},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_gate_passes_at_its_limit_and_fails_beyond(name: str) -> None:
    good, bad, _ = CASES[name]
    for change, expected in ((good, True), (bad, False)):
        verdict = judge(walkforward(**change), synthetic=False)
        gate = next(gate for gate in verdict.gates if gate.name == name)
        assert gate.passed is expected
        assert gate.reason is None
        assert verdict.passed is expected
        assert verdict.headline == (HEADLINE_PASS if expected else HEADLINE_FAIL)
        assert all(other.passed for other in verdict.gates if other.name != name)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case[2] is not None])
def test_gate_that_cannot_be_computed_says_why_and_counts_as_failed(name: str) -> None:
    verdict = judge(walkforward(**(CASES[name][2] or {})), synthetic=False)
    gate = next(gate for gate in verdict.gates if gate.name == name)
    assert gate.value is None
    assert not gate.passed
    assert not verdict.passed
    assert gate.reason
    assert gate.reason in gate.sentence


def test_nan_is_no_number_for_a_gate() -> None:
    gates = judge_gates(walkforward(scores=scores(overfitting=math.nan)), GateThresholds())
    assert gates[3].value is None


def test_thresholds_can_be_set() -> None:
    strict = GateThresholds(min_oos_trades=100)
    assert not judge(walkforward(), synthetic=False, thresholds=strict).passed
    assert judge(walkforward(), synthetic=False, thresholds=strict).gates[0].threshold == 100


def test_no_scored_window_is_too_few_trades_and_helps() -> None:
    windows = [window(k, trades=k, scored=False) for k in range(3)]
    none = scores(consistency=None, stability=None, overfitting=None, confidence=None)
    verdict = judge(walkforward(windows, scores=none, scored_windows=0, oos_trades=3), synthetic=False)
    assert verdict.headline == HEADLINE_TOO_FEW
    assert not verdict.passed
    for hint in ("3 out-of-sample windows", "3 trades", "at most 2", "rsi_long_threshold", "is_length_days", "more history"):
        assert hint in verdict.text


def test_no_trade_at_all_is_too_few_even_when_windows_count_as_scored() -> None:
    windows = [window(k, trades=0) for k in range(3)]
    verdict = judge(walkforward(windows, oos_trades=0), synthetic=False)
    assert verdict.headline == HEADLINE_TOO_FEW
    assert "none had enough" not in verdict.text


def test_pass_says_that_it_is_no_promise_and_what_was_not_tested() -> None:
    text = judge(walkforward(), synthetic=False).text
    assert "no promise" in text
    assert "Not tested" in text
    assert "36 trades in 3 out-of-sample windows (3 scored)" in text
    assert "There the chosen parameters earned 150.00 and the median trial of each search earned 75.00." in text


def test_median_is_not_compared_when_a_window_has_none() -> None:
    windows = [window(0), window(1) | {"median_trial": None}]
    assert "median trial" not in judge(walkforward(windows), synthetic=False).text


def test_fail_names_each_failed_gate_and_no_passed_one() -> None:
    verdict = judge(walkforward(oos_trades=12, doubled_costs={"net_pnl": -3.0}), synthetic=False)
    assert verdict.text.startswith("2 of 5 gates failed")
    for gate in verdict.gates:
        assert (gate.sentence in verdict.text) is not gate.passed


def test_synthetic_data_is_named_in_every_verdict() -> None:
    cases: tuple[dict[str, Any], ...] = ({}, {"oos_trades": 3}, {"scored_windows": 0})
    for changes in cases:
        assert "synthetic" in judge(walkforward(**changes), synthetic=True).text
        assert "synthetic" not in judge(walkforward(**changes), synthetic=False).text


def test_cautions_stand_beside_any_verdict() -> None:
    for content in (walkforward(), walkforward(stitched=metrics(net_pnl=-1.0)), walkforward(oos_trades=0)):
        plain = judge(content, synthetic=False)
        warned = judge(content, synthetic=False, cautions=("No funding is charged.", "It cannot be sold short."))
        assert warned.text == f"{plain.text} Mind: No funding is charged. Mind: It cannot be sold short."
        assert (warned.headline, warned.passed) == (plain.headline, plain.passed)
