"""How many different things were tried: planted groups are found, and what is no comparison says so."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from core.errors import StatisticsError
from tests.walkforward.significance.planted import grouped, same_groups
from walkforward.significance.clusters import cluster_trials
from walkforward.significance.correlations import correlation_distances, correlations


@pytest.mark.parametrize(
    ("sizes", "noise"),
    [([20] * 5, 0.3), ([20] * 5, 1.0), ([2, 3, 50, 7], 0.3), ([4] * 23, 0.3), ([25, 25], 1.0), ([6] * 12, 0.6)],
)
def test_planted_groups_are_found(sizes: list[int], noise: float) -> None:
    matrix, planted = grouped(sizes, noise, seed=sum(sizes))
    clusters = cluster_trials(matrix, seed=1)
    assert clusters.count == len(sizes)
    assert same_groups(clusters.labels, planted)


def test_groups_within_groups_are_told_apart_where_they_differ() -> None:
    generator = np.random.default_rng(6)
    families = np.repeat(generator.normal(size=(365, 2)), 30, axis=1)
    within = np.repeat(0.5 * generator.normal(size=(365, 6)), 10, axis=1)
    apart = np.repeat(generator.normal(size=(365, 3)), 10, axis=1)
    matrix = np.hstack([families + within, apart]) + 0.1 * generator.normal(size=(365, 90))
    assert same_groups(cluster_trials(matrix, seed=1).labels, np.arange(90) // 10)


def test_each_medoid_is_the_middle_of_its_cluster() -> None:
    matrix, _ = grouped([9, 12, 30], 0.8, seed=2)
    clusters = cluster_trials(matrix, seed=1)
    distances = correlation_distances(matrix)
    for label, medoid in enumerate(clusters.medoids):
        members = np.flatnonzero(clusters.labels == label)
        assert medoid in members
        assert distances[medoid, members].sum() == min(distances[i, members].sum() for i in members)


def test_clusters_are_numbered_by_their_first_trials() -> None:
    labels = cluster_trials(grouped([9, 12, 30], 0.8, seed=2)[0], seed=1).labels
    _, first = np.unique(labels, return_index=True)
    assert first.tolist() == sorted(first.tolist())
    assert set(labels.tolist()) == set(range(int(labels.max()) + 1))


def test_scale_and_level_of_a_trial_change_nothing() -> None:
    matrix, _ = grouped([10, 15, 20], 0.8, seed=4)
    generator = np.random.default_rng(1)
    changed = matrix * generator.uniform(0.001, 1000, 45) + generator.normal(size=45)
    before, after = cluster_trials(matrix, seed=1), cluster_trials(changed, seed=1)
    assert np.array_equal(before.labels, after.labels)
    assert np.array_equal(before.medoids, after.medoids)


def test_trials_that_never_traded_are_one_cluster() -> None:
    matrix, planted = grouped([10, 15], 0.5, seed=4)
    idle = np.insert(matrix, [0, 7, 7, 25], 0.0, axis=1)
    clusters = cluster_trials(idle, seed=1)
    assert clusters.count == 3
    still = np.flatnonzero(~idle.any(axis=0))
    assert set(clusters.labels[still].tolist()) == {0}
    assert clusters.medoids[0] == 0
    assert same_groups(np.delete(clusters.labels, still), planted)


def test_equal_trials_stay_together() -> None:
    matrix, planted = grouped([1] * 4, 0.0, seed=6)
    clusters = cluster_trials(np.repeat(matrix, 5, axis=1), seed=1)
    assert same_groups(clusters.labels, np.repeat(planted, 5))


@pytest.mark.parametrize("trials", [2, 3, 4])
def test_a_handful_of_trials_is_enough(trials: int) -> None:
    clusters = cluster_trials(np.random.default_rng(1).normal(size=(50, trials)), seed=1)
    assert 2 <= clusters.count <= trials
    assert len(clusters.labels) == trials


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((50, 1)), "1 trial:"),
        (np.zeros((50, 5)), "0 of 5 trials"),
        (np.hstack([np.zeros((50, 4)), np.arange(50.0).reshape(-1, 1)]), "1 of 5 trials"),
        (np.repeat(np.random.default_rng(1).normal(size=(50, 1)), 5, axis=1), "all trials have the same returns"),
        (np.ones((2, 5)), "2 days"),
        (np.full((50, 5), np.nan), "not a finite"),
        (np.ones(50), "not a table"),
    ],
)
def test_what_is_no_comparison_says_why(matrix: np.ndarray, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        cluster_trials(matrix, seed=1)


def test_clusters_do_not_depend_on_the_threads_of_the_linear_algebra() -> None:
    matrix = grouped([10] * 6, 1.5, seed=8)[0]
    found = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            found.append(cluster_trials(matrix, seed=3))
    assert np.array_equal(found[0].labels, found[1].labels)
    assert np.array_equal(found[0].medoids, found[1].medoids)


def test_equal_columns_correlate_at_exactly_one() -> None:
    column = np.random.default_rng(1).standard_t(3, 365)
    alike = correlations(np.column_stack([column, column * 7e-5 + 3, -column]))
    assert alike.tolist() == [[1, 1, -1], [1, 1, -1], [-1, -1, 1]]
    with pytest.raises(StatisticsError, match="never change"):
        correlations(np.column_stack([column, np.zeros(365)]))
