"""k-medoids and silhouettes, against slow twins and another implementation."""

import numpy as np
import pytest

from tests.walkforward.significance.planted import grouped, same_groups
from walkforward.significance.correlations import correlation_distances
from walkforward.significance.partitions import (
    Indices,
    greedy_medoids,
    k_medoids,
    medoids_of,
    quality,
    random_medoids,
    relabelled,
    silhouettes,
)


def points_on_a_line(*places: float) -> np.ndarray:
    return np.abs(np.subtract.outer(places, places)).astype(np.float64)


def labels_of(*labels: int) -> Indices:
    return np.array(labels, dtype=np.int64)


def test_silhouettes_by_hand() -> None:
    scores = silhouettes(points_on_a_line(0, 1, 10, 12), labels_of(0, 0, 1, 1))
    # of the point at 0: own 1, other (10 + 12)/2 = 11
    assert scores == pytest.approx([10 / 11, 9 / 10, 7.5 / 9.5, 9.5 / 11.5])


def test_silhouettes_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import silhouette_samples  # takes seconds to load: only here

    generator = np.random.default_rng(2)
    for seed in range(5):
        distances = correlation_distances(grouped([5, 9, 1, 20], 1.0, seed, days=40)[0])
        labels = generator.permutation(np.arange(35) % 6).astype(np.int64)
        labels[labels == 5] = 4
        labels[0] = 5  # alone
        assert silhouettes(distances, labels) == pytest.approx(silhouette_samples(distances, labels, metric="precomputed"), abs=1e-12)


def test_a_point_alone_and_points_at_one_place_score_nothing() -> None:
    assert silhouettes(points_on_a_line(0, 0, 5), labels_of(0, 0, 1)).tolist() == [1.0, 1.0, 0.0]
    assert silhouettes(points_on_a_line(0, 0, 0), labels_of(0, 0, 1)).tolist() == [0.0, 0.0, 0.0]


def test_quality_of_perfect_groups_is_high_but_finite() -> None:
    assert quality(np.ones(4)) == pytest.approx(1e6)
    assert quality(np.array([0.5, 0.7])) == pytest.approx(6.0)


def test_greedy_medoids_serve_best_one_by_one() -> None:
    distances = points_on_a_line(0, 1, 2, 10, 11, 12, 30)
    assert greedy_medoids(distances, 3).tolist() == [3, 1, 6]
    for size in (1, 2):
        assert greedy_medoids(distances, size).tolist() == greedy_medoids(distances, 3)[:size].tolist()


def test_random_medoids_are_different_places_and_the_seed_s() -> None:
    distances = points_on_a_line(0, 0, 0, 5, 5, 9)
    for seed in range(20):
        drawn = random_medoids(distances, 6, np.random.default_rng(seed))
        assert len({(0, 0, 0, 5, 5, 9)[i] for i in drawn}) == len(drawn) == 3
        assert np.array_equal(drawn, random_medoids(distances, 6, np.random.default_rng(seed)))


def test_k_medoids_ends_where_no_point_is_nearer_to_another_group() -> None:
    for seed in range(5):
        distances = correlation_distances(grouped([10, 10, 10, 5], 1.5, seed, days=60)[0])
        labels, total = k_medoids(distances, np.array([0, 1, 2, 3], dtype=np.int64))
        medoids = medoids_of(distances, labels)
        assert total == pytest.approx(sum(distances[medoids[label], i] for i, label in enumerate(labels)))
        assert np.array_equal(relabelled(np.argmin(distances[:, medoids], axis=1)), labels)
        for label, medoid in enumerate(medoids):
            members = np.flatnonzero(labels == label)
            assert distances[medoid, members].sum() == min(distances[i, members].sum() for i in members)


def test_k_medoids_finds_what_was_planted_from_its_greedy_start() -> None:
    matrix, planted = grouped([10, 20, 5], 0.5, seed=3)
    distances = correlation_distances(matrix)
    assert same_groups(k_medoids(distances, greedy_medoids(distances, 3))[0], planted)


def test_groups_are_numbered_by_their_first_members() -> None:
    assert relabelled(labels_of(7, 2, 7, 0, 2)).tolist() == [0, 1, 0, 2, 1]
