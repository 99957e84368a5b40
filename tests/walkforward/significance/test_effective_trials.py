"""Effective numbers of trials: closed forms, published values, another implementation, and what they are of noise and copies."""

import math

import numpy as np
import pytest
from holdout import effective_number_of_trials

from core.errors import StatisticsError
from tests.walkforward.significance.planted import grouped
from walkforward.significance.clusters import Clusters, cluster_trials
from walkforward.significance.correlations import correlations
from walkforward.significance.effective_trials import (
    average_correlation_count,
    effective_rank,
    effective_trials,
    participation_ratio,
)

PUBLISHED = np.array([[10.0, 1.0, 7.0], [1.0, 10.0, 8.0], [7.0, 8.0, 10.0]]) / 10


def test_published_effective_ranks() -> None:
    assert effective_rank(np.eye(3)) == pytest.approx(3.0, abs=1e-12)
    assert round(effective_rank(PUBLISHED), 2) == 1.84
    assert effective_rank(PUBLISHED[:2, :2]) == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("function", [average_correlation_count, effective_rank, participation_ratio])
def test_independent_trials_count_in_full_and_copies_once(function) -> None:  # type: ignore[no-untyped-def]
    assert function(np.eye(40)) == pytest.approx(40.0, rel=1e-12)
    assert function(np.ones((40, 40))) == pytest.approx(1.0, rel=1e-9)


def test_equal_blocks_count_once_each_in_rank_and_participation() -> None:
    blocks = np.asarray(np.kron(np.eye(4), np.ones((10, 10))), dtype=np.float64)
    assert effective_rank(blocks) == pytest.approx(4.0, rel=1e-9)
    assert participation_ratio(blocks) == pytest.approx(4.0, rel=1e-12)


def test_average_correlation_by_hand() -> None:
    equal = np.full((10, 10), 0.3) + 0.7 * np.eye(10)
    assert average_correlation_count(equal) == pytest.approx(0.3 + 0.7 * 10)
    opposite = np.array([[1.0, -0.5], [-0.5, 1.0]])
    assert average_correlation_count(opposite) == 2.0


def test_counts_are_those_of_holdout() -> None:
    for seed in range(4):
        alike = correlations(grouped([3, 8, 20], 0.7, seed)[0])
        assert average_correlation_count(alike) == pytest.approx(effective_number_of_trials(alike, method="average"), rel=1e-9)
        assert participation_ratio(alike) == pytest.approx(effective_number_of_trials(alike, method="participation"), rel=1e-9)


def test_every_count_of_planted_groups() -> None:
    matrix, _ = grouped([20] * 5, 0.3, seed=1)
    matrix[:, 1] = matrix[:, 0]  # the same trades under other parameters
    counts = effective_trials(matrix, 130, cluster_trials(matrix, seed=1))
    assert (counts.raw, counts.unique, counts.clustered) == (130, 99, 5)
    assert 4.5 < counts.participation < counts.effective_rank < 10
    assert 50 < counts.average_correlation < 99
    assert list(counts.as_dict()) == ["raw", "unique", "average_correlation", "effective_rank", "participation", "clustered"]


def test_noise_counts_nearly_in_full_where_days_are_many() -> None:
    matrix = np.random.default_rng(1).normal(size=(4000, 20))
    counts = effective_trials(matrix, 20, cluster_trials(matrix, seed=1))
    for value in (counts.average_correlation, counts.effective_rank, counts.participation):
        assert 19 < value <= 20 + 1e-9


def test_no_more_than_the_days_can_show() -> None:
    matrix = np.random.default_rng(1).normal(size=(30, 100))
    counts = effective_trials(matrix, 100, cluster_trials(matrix, seed=1))
    assert counts.effective_rank <= 29 + 1e-9


def test_rank_is_the_same_seen_from_the_days_and_from_the_trials() -> None:
    matrix, _ = grouped([30, 20, 40], 0.7, seed=3, days=60)
    counts = effective_trials(matrix, 90, cluster_trials(matrix, seed=1))
    assert counts.effective_rank == pytest.approx(effective_rank(correlations(matrix)), rel=1e-9)


def test_idle_trials_are_one_return_and_no_correlation() -> None:
    matrix, _ = grouped([10, 10], 0.3, seed=1)
    idle = np.hstack([matrix, np.zeros((365, 3)), -np.zeros((365, 1))])
    counts, without = (effective_trials(values, 24, cluster_trials(values, seed=1)) for values in (idle, matrix))
    assert counts.unique == without.unique + 1
    assert counts.effective_rank == pytest.approx(without.effective_rank, rel=1e-12)
    assert counts.clustered == without.clustered + 1


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((50, 1)), "1 trial:"),
        (np.zeros((50, 5)), "0 of 5 trials"),
        (np.repeat(np.random.default_rng(1).normal(size=(50, 1)), 5, axis=1), "they are one trial"),
        (np.full((50, 2), math.nan), "not a finite"),
    ],
)
def test_what_is_no_search_says_why(matrix: np.ndarray, reason: str) -> None:
    nothing = Clusters(np.zeros(matrix.shape[1], dtype=np.int64), np.zeros(1, dtype=np.int64))
    with pytest.raises(StatisticsError, match=reason):
        effective_trials(matrix, 5, nothing)
