"""The probability of backtest overfitting: published numbers, laws, and a second, plain computation of the definition."""

import math
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import StatisticsError
from walkforward.significance.cscv import overfitting_probability

Floats = NDArray[np.float64]


def noise(days: int, trials: int, seed: int, scale: float = 1.0) -> Floats:
    return np.random.default_rng(seed).standard_normal((days, trials)) * scale


def plain(matrix: Floats, blocks: int) -> tuple[list[float], list[float], list[float]]:
    """Return logits, in-sample and out-of-sample ratios as the definition says, each half put together and computed anew."""
    parts = np.split(matrix[len(matrix) % blocks :], blocks)
    logits, inside, outside = [], [], []
    for chosen in combinations(range(blocks), blocks // 2):
        here = np.concatenate([parts[b] for b in chosen])
        there = np.concatenate([parts[b] for b in range(blocks) if b not in chosen])
        first, second = (half.mean(axis=0) / half.std(axis=0, ddof=1) for half in (here, there))
        best = int(first.argmax())
        rank = np.sum(second < second[best]) + (np.sum(second == second[best]) + 1) / 2
        share = rank / (matrix.shape[1] + 1)
        logits.append(math.log(share / (1 - share)))
        inside.append(first[best])
        outside.append(second[best])
    return logits, inside, outside


def test_published_value_on_noise() -> None:
    found = overfitting_probability(noise(1000, 50, 0), blocks=10)
    assert found.value == 0.32936507936507936
    assert found.probability_of_loss == 0.30952380952380953
    assert found.splits == 252


@pytest.mark.parametrize(("blocks", "splits"), [(16, 12_870), (10, 252), (8, 70), (6, 20), (2, 2)])
def test_every_way_to_halve_the_blocks_is_a_split(blocks: int, splits: int) -> None:
    found = overfitting_probability(noise(64, 3, 1), blocks)
    assert found.splits == len(found.logits) == len(found.in_sample) == len(found.out_of_sample) == splits


@pytest.mark.parametrize(("days", "trials", "blocks"), [(100, 7, 6), (101, 2, 8), (67, 40, 10), (16, 5, 8)])
def test_equals_the_definition_computed_plainly(days: int, trials: int, blocks: int) -> None:
    matrix = noise(days, trials, days) * 0.01 + 0.001
    found = overfitting_probability(matrix, blocks)
    logits, inside, outside = plain(matrix, blocks)
    # The two number the splits differently.
    np.testing.assert_allclose(np.sort(found.logits), np.sort(logits), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(np.sort(found.in_sample), np.sort(inside), rtol=1e-9)
    np.testing.assert_allclose(np.sort(found.out_of_sample), np.sort(outside), rtol=1e-9, atol=1e-12)
    assert found.value == np.mean(np.array(logits) <= 0)
    assert found.probability_of_loss == np.mean(np.array(outside) < 0)
    slope, _ = np.polyfit(inside, outside, 1)
    assert found.slope == pytest.approx(slope)
    assert found.r_squared == pytest.approx(np.corrcoef(inside, outside)[0, 1] ** 2)


def test_columns_without_a_mean_are_overfitted_for_certain() -> None:
    """What is won in one half is lost in the other: the best is the worst. The design of the vignette of CRAN's package pbo."""
    matrix = noise(2400, 100, 1)
    found = overfitting_probability(matrix - matrix.mean(axis=0), blocks=8)
    assert (found.value, found.probability_of_loss) == (1.0, 1.0)
    assert found.slope == pytest.approx(-0.98, abs=0.03)
    assert found.r_squared == pytest.approx(0.98, abs=0.02)
    assert not found.dominance.first
    assert not found.dominance.second


def test_noise_is_overfitted_half_of_the_time_on_average() -> None:
    values = [overfitting_probability(noise(240, 20, seed), blocks=8).value for seed in range(60)]
    assert np.mean(values) == pytest.approx(0.5, abs=0.07)
    assert np.std(values) > 0.1


def test_one_true_edge_among_many_is_not_overfitted() -> None:
    matrix = noise(1000, 50, 0)
    matrix[:, 0] += 0.2
    found = overfitting_probability(matrix, blocks=10)
    assert found.value < 0.02
    assert found.probability_of_loss < 0.01
    assert found.dominance.first
    assert found.dominance.second


def test_slope_says_nothing_where_one_trial_is_always_chosen_and_the_skill_slope_does() -> None:
    """A trial's better half leaves it the worse one: the published slope is near -1 for the best of edges."""
    edges = np.linspace(-0.1, 0.4, 10)
    found = overfitting_probability(noise(1000, 10, 0) + edges, blocks=10)
    assert found.value < 0.05
    assert found.slope < -0.5
    assert found.skill_slope > 0.8


def test_skill_slope_of_noise_is_as_often_negative_as_positive() -> None:
    slopes = np.array([overfitting_probability(noise(240, 20, seed), blocks=8).skill_slope for seed in range(60)])
    assert np.mean(slopes) == pytest.approx(0, abs=0.06)
    assert 0.3 < np.mean(slopes > 0) < 0.7


def test_skill_slope_is_the_pooled_slope_of_all_splits() -> None:
    matrix = noise(60, 5, 12)
    covariance, variance = 0.0, 0.0
    for chosen in combinations(range(6), 3):
        here = np.isin(np.arange(60) // 10, chosen)
        x, y = (matrix[half].mean(axis=0) / matrix[half].std(axis=0, ddof=1) for half in (here, ~here))
        covariance += float(np.sum((x - x.mean()) * (y - y.mean())))
        variance += float(np.sum((x - x.mean()) ** 2))
    assert overfitting_probability(matrix, blocks=6).skill_slope == pytest.approx(covariance / variance)


def test_trials_that_are_multiples_of_each_other_have_no_skill_slope() -> None:
    one = noise(100, 1, 3)
    found = overfitting_probability(np.hstack([one, 2 * one, 4 * one]), blocks=4)
    assert math.isnan(found.skill_slope)
    assert found.value == 1.0, "all share the middle rank"


def test_order_of_columns_and_their_scales_do_not_matter() -> None:
    matrix = noise(160, 30, 3)
    found = overfitting_probability(matrix, blocks=10)
    shuffled = overfitting_probability(matrix[:, np.random.default_rng(1).permutation(30)], blocks=10)
    scaled = overfitting_probability(matrix * np.geomspace(1e-6, 1e3, 30), blocks=10)
    for other in (shuffled, scaled):
        np.testing.assert_array_equal(other.logits, found.logits)
        np.testing.assert_allclose(other.out_of_sample, found.out_of_sample, rtol=1e-9)
        assert other.value == found.value


def test_days_before_the_first_whole_block_are_dropped() -> None:
    matrix = noise(163, 5, 4)
    found, cut = overfitting_probability(matrix, blocks=16), overfitting_probability(matrix[3:], blocks=16)
    assert found.as_dict() == cut.as_dict()


def test_splits_come_with_their_mirrors() -> None:
    """What is in sample in split i is out of sample in split C - 1 - i: a trial that is best in both has both ratios swapped."""
    matrix = noise(400, 4, 5)
    matrix[:, 2] += 1.0
    found = overfitting_probability(matrix, blocks=6)
    np.testing.assert_array_equal(found.in_sample, found.out_of_sample[::-1])


def test_trial_that_stands_still_in_a_half_ranks_as_zero() -> None:
    matrix = noise(80, 3, 6) - 1.0
    matrix[:, 1] = 0.0
    matrix[:20, 1] = 0.5 + noise(20, 1, 7)[:, 0] / 10
    found = overfitting_probability(matrix, blocks=4)
    # The losers never win; the one that trades in the first quarter only is the best everywhere, with 0 where that quarter is not.
    assert found.value == 0
    assert sorted(found.out_of_sample)[:3] == [0.0, 0.0, 0.0]
    assert sorted(found.out_of_sample)[3] > 0


def test_equal_trials_share_their_rank() -> None:
    column = noise(80, 1, 8)
    matrix = np.hstack([column, column, column, noise(80, 1, 9)])
    found = overfitting_probability(matrix, blocks=4)
    ranks = 5 / (1 + np.exp(-found.logits))
    assert set(np.round(ranks, 9)) <= {1.0, 2.0, 3.0, 4.0}


def test_histogram_counts_every_split_once_and_parts_at_zero() -> None:
    found = overfitting_probability(noise(200, 9, 10), blocks=8)
    bars = found.logit_histogram(bins=10)
    assert sum(count for _, count in bars) == 70
    assert bars[5][0] == 0
    assert (found.logits == 0).any(), "the middle rank of an odd number of trials"
    assert sum(count for _, count in bars[:5]) == found.value * 70, "what counts as overfitted lies on its side of zero"


def test_many_trials_are_judged_in_chunks_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = noise(64, 20, 11)
    whole = overfitting_probability(matrix, blocks=8)
    monkeypatch.setattr("walkforward.significance.cscv._CELLS", 60)
    parts = overfitting_probability(matrix, blocks=8)
    assert parts.as_dict() == pytest.approx(whole.as_dict(), rel=1e-12)
    np.testing.assert_array_equal(parts.logits, whole.logits)


def test_dominance_of_a_part_of_the_splits_is_like_that_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = noise(1000, 50, 0)
    matrix[:, 0] += 0.2
    monkeypatch.setattr("walkforward.significance.cscv._POOLED", 50 * 30)
    assert overfitting_probability(matrix, blocks=8).dominance.first


BAD = {
    "one trial": (noise(100, 1, 0), 8, "1 trial"),
    "no column": (np.empty((10, 0)), 8, "0 trial"),
    "a flat series": (np.zeros(10), 8, "not a table of days and trials"),
    "zero variance": (np.zeros((100, 5)), 8, "no trial ever won or lost"),
    "equal columns": (np.repeat(noise(100, 1, 0), 4, axis=1), 8, "all 4 trials earned the same"),
    "fewer days than blocks": (noise(15, 4, 0), 16, "15 days for 16 blocks"),
    "an odd number of blocks": (noise(100, 4, 0), 7, "7 blocks cannot be halved"),
    "too many blocks": (noise(100, 4, 0), 26, "26 blocks cannot be halved"),
    "one day a half": (noise(3, 4, 0), 2, "halves of 1"),
    "not a number": (np.where(np.arange(400).reshape(100, 4) == 41, np.nan, 0.1), 8, "first on day 10 of trial 1"),
    "interest every day": (np.hstack([noise(100, 3, 0), np.full((100, 1), 0.01)]), 8, "trial 3 earned 0.01 on all days of a half"),
}


@pytest.mark.parametrize(("matrix", "blocks", "reason"), BAD.values(), ids=BAD)
def test_what_cannot_be_computed_is_said(matrix: Floats, blocks: int, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        overfitting_probability(matrix, blocks)
