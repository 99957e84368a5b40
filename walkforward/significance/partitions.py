"""Partitions of points of which only the distances are known: k-medoids, and the silhouettes that say how good a partition is.

Sources: Kaufman and Rousseeuw (1990), "Finding Groups in Data"; Park and Jun (2009), "A simple and fast algorithm for K-medoids
clustering"; Rousseeuw (1987), "Silhouettes".
"""

import numpy as np
from numpy.typing import NDArray

from walkforward.significance.inputs import Floats

Indices = NDArray[np.int64]

_MOST_ROUNDS = 30
_ROWS = 64  # of distances at a time: what they are compared with stays in the cache
_LEAST_DEVIATION = 1e-6  # of silhouettes: duplicates of each other have none, and their quality would be infinite


def greedy_medoids(distances: Floats, most: int) -> Indices:
    """Return int64[``most``]: the points that, one after the other, bring all points of float64[N, N] ``distances`` nearest to one of them.

    The first k of them start a search for k groups. The same for the same distances; of equally good points the first.
    """
    chosen = [int(np.argmin(distances.sum(axis=0)))]
    nearest = distances[:, chosen[0]].copy()
    while len(chosen) < most:
        after = np.zeros(len(distances))
        for first in range(0, len(distances), _ROWS):
            rows = slice(first, first + _ROWS)
            after += np.minimum(distances[rows], nearest[rows, np.newaxis]).sum(axis=0)
        after[chosen] = np.inf
        chosen.append(int(np.argmin(after)))
        np.minimum(nearest, distances[:, chosen[-1]], out=nearest)
    return np.array(chosen, dtype=np.int64)


def random_medoids(distances: Floats, count: int, generator: np.random.Generator) -> Indices:
    """Return int64[<= ``count``]: points drawn one after the other, far ones likelier (by the squared distance, as k-means++ does)."""
    chosen = [int(generator.integers(len(distances)))]
    nearest = distances[:, chosen[0]] ** 2
    while len(chosen) < count and nearest.sum() > 0:
        total = np.cumsum(nearest)
        chosen.append(int(min(np.searchsorted(total, generator.random() * total[-1], side="right"), len(total) - 1)))
        nearest = np.minimum(nearest, distances[:, chosen[-1]] ** 2)
    return np.array(chosen, dtype=np.int64)


def k_medoids(distances: Floats, medoids: Indices) -> tuple[Indices, float]:
    """Return int64[N] labels 0..k-1, and the sum of the distances to the middle of one's group, after moving ``medoids`` until all rest.

    In turns, points join the nearest medoid and groups elect their middle. A group that loses all its points is gone.
    """
    labels = relabelled(np.argmin(distances[:, medoids], axis=1))
    for _ in range(_MOST_ROUNDS):
        moved = medoids_of(distances, labels)
        if np.array_equal(moved, medoids):
            break
        medoids = moved
        labels = relabelled(np.argmin(distances[:, medoids], axis=1))
    return labels, float(np.sum(distances[:, medoids].min(axis=1)))


def medoids_of(distances: Floats, labels: Indices) -> Indices:
    """Return int64[K]: of each label 0..K-1 the member with the smallest sum of distances to the others, the first of equals."""
    groups = [np.flatnonzero(labels == label) for label in range(int(labels.max()) + 1)]
    return np.array([group[np.argmin(distances[np.ix_(group, group)].sum(axis=0))] for group in groups], dtype=np.int64)


def relabelled(labels: Indices) -> Indices:
    """Return the same groups numbered 0..K-1 in the order of their first members: names that do not depend on how they were found."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse].astype(np.int64)


def silhouettes(distances: Floats, labels: Indices) -> Floats:
    """Return float64[N] in [-1, 1]: (b - a)/max(a, b), a the mean distance to one's own group, b to the nearest other; alone in a group: 0.

    ``labels`` are 0..K-1, K >= 2.
    """
    sizes = np.bincount(labels)
    points = np.arange(len(labels))
    sums = distances @ np.eye(len(sizes))[labels]
    own = sums[points, labels] / np.maximum(sizes[labels] - 1, 1)
    others = sums / sizes
    others[points, labels] = np.inf
    nearest = others.min(axis=1)
    widest = np.maximum(own, nearest)
    result = np.where(widest > 0, (nearest - own) / np.where(widest > 0, widest, 1.0), 0.0)
    return np.asarray(np.where(sizes[labels] > 1, result, 0.0))


def quality(scores: Floats) -> float:
    """Return mean/std of silhouettes: high where all points lie well in their groups, not only most."""
    return float(np.mean(scores) / max(float(np.std(scores)), _LEAST_DEVIATION))
