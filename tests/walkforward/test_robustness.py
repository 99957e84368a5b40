"""The four scores against numbers worked out by hand."""

import math

import pytest

from walkforward.robustness import WindowScore, confidence, consistency, counts_as_profitable, overfitting, score, stability


def test_scores_by_hand() -> None:
    windows = [WindowScore(True, 2.0, 1.0), WindowScore(False, 2.0, 2.0), WindowScore(True, 2.0, 3.0), WindowScore(False, 2.0, 2.0)]
    # OOS Sharpe 1, 2, 3, 2: mean 2, std (ddof 1) sqrt(2/3); two of four windows with a profit; nothing lost out of sample
    scores = score(windows)
    assert scores.consistency == 0.5
    assert scores.stability == pytest.approx(1 - math.sqrt(2 / 3) / 2)
    assert scores.overfitting == 0.0
    assert scores.confidence == pytest.approx(0.4 * 0.5 + 0.4 * scores.stability + 0.2)


def test_no_scored_window_leaves_everything_undefined() -> None:
    assert all(math.isnan(value) for value in score([]).as_dict().values())


@pytest.mark.parametrize(("pnls", "expected"), [([1.0], 1.0), ([0.0], 0.0), ([-1.0, 2.0, 3.0, 4.0], 0.75)])
def test_consistency_counts_profits_above_zero(pnls: list[float], expected: float) -> None:
    assert consistency([counts_as_profitable(pnl, math.nan, 0.0) for pnl in pnls]) == expected


@pytest.mark.parametrize(
    ("pnl", "factor", "least", "expected"),
    [
        (1.0, 1.05, 0.0, True),
        (1.0, 1.05, 1.1, False),
        (1.0, 1.1, 1.1, True),
        (1.0, math.nan, 1.1, True),
        (0.0, math.nan, 1.1, False),
        (-1.0, 2.0, 1.1, False),
    ],
    ids=["any profit", "too little", "just enough", "no losing trade", "no trade", "a loss"],
)
def test_least_profit_factor_can_only_count_against_a_window(pnl: float, factor: float, least: float, expected: bool) -> None:
    assert counts_as_profitable(pnl, factor, least) is expected


@pytest.mark.parametrize(
    ("sharpes", "expected"),
    [
        ([1.0], math.nan),
        ([1.0, math.nan], math.nan),
        ([0.0, 0.0], math.nan),
        ([1.0, -1.0], 0.0),
        ([1.0, 1.0], 1.0),
        ([-2.0, -2.0], 1.0),
        ([1.0, 3.0], 1 - math.sqrt(2) / 2),
        ([0.1, 5.0], 0.0),
    ],
)
def test_stability(sharpes: list[float], expected: float) -> None:
    assert stability(sharpes) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("inside", "outside", "expected"),
    [
        ([2.0, 2.0], [1.0, 1.0], 0.5),
        ([2.0], [3.0], 0.0),
        ([1.0], [-1.0], 2.0),
        ([0.0], [1.0], math.nan),
        ([-1.0], [-2.0], math.nan),
        ([1.0], [math.nan], math.nan),
        ([], [], math.nan),
    ],
)
def test_overfitting(inside: list[float], outside: list[float], expected: float) -> None:
    assert overfitting(inside, outside) == pytest.approx(expected, nan_ok=True)


def test_confidence_caps_overfitting_and_is_undefined_when_a_part_is() -> None:
    assert confidence(1.0, 1.0, 7.0) == pytest.approx(0.8)
    assert confidence(0.5, 0.5, 0.5) == pytest.approx(0.5)
    for parts in ((math.nan, 1.0, 0.0), (1.0, math.nan, 0.0), (1.0, 1.0, math.nan)):
        assert math.isnan(confidence(*parts))


def test_one_scored_window_has_consistency_but_no_confidence() -> None:
    scores = score([WindowScore(True, 2.0, 1.0)])
    assert (scores.consistency, scores.overfitting) == (1.0, 0.5)
    assert math.isnan(scores.stability)
    assert math.isnan(scores.confidence)
