"""How many different things were tried: trials whose returns move together are one bet under several names.

Optimal number of clusters (ONC), after López de Prado and Lewis (2019), "Detection of False Investment Strategies Using Unsupervised
Learning Methods", Quantitative Finance 19(9): distances sqrt((1-rho)/2), the number of groups whose silhouettes have the highest
mean/std. As in the code of the 2025 paper (SSRN 5520741), poor groups are not clustered once more: with groups within groups that step
joins what the first one rightly told apart. k-medoids stands in for k-means, because each group must name one trial. What the method
cannot see: a trial that resembles no other joins the group nearest to it, and unrelated trials throughout come out as a few large groups -
which is why the verdict takes the larger of this number and the effective rank.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StatisticsError
from walkforward.significance.correlations import correlation_distances
from walkforward.significance.inputs import Floats, checked_matrix, varying
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

MOST_CLUSTERS = 100
_STARTS = 2  # random ones, beside the greedy one


@dataclass(frozen=True, slots=True)
class Clusters:
    """``labels`` int64[N] in 0..K-1, numbered by their first trials; ``medoids`` int64[K]: the column in the middle of each cluster."""

    labels: Indices
    medoids: Indices

    @property
    def count(self) -> int:
        """K, the number of clusters."""
        return len(self.medoids)


def cluster_trials(matrix: ArrayLike, seed: int) -> Clusters:
    """Return the clusters of the columns of float64[T, N], K at most 100 and below N; of two trials, two.

    Trials whose returns never change (no trade) are one cluster of their own. Two clusters are the least the method knows. 1,000 trials of
    a year take about a second and 16 MB; time and memory grow with the square of the trials.
    StatisticsError for fewer than two trials, and where all that change are one and the same.
    """
    values = checked_matrix(matrix)
    moving = varying(values)
    if np.count_nonzero(moving) < 2:
        raise StatisticsError(f"{np.count_nonzero(moving)} of {len(moving)} trials have returns that change: two are needed to compare")
    distances = correlation_distances(np.ascontiguousarray(values[:, moving]))
    if not distances.any():
        raise StatisticsError("all trials have the same returns: there is nothing to group")
    labels = np.full(len(moving), -1, dtype=np.int64)
    found = _best_of_all_sizes(distances, np.random.Generator(np.random.PCG64(seed)))
    labels[moving] = found
    still = np.flatnonzero(~moving)
    medoids = [*np.flatnonzero(moving)[medoids_of(distances, found)], *still[:1]]
    numbered = relabelled(labels)
    return Clusters(numbered, np.array(sorted(medoids, key=lambda column: numbered[column]), dtype=np.int64))


def _best_of_all_sizes(distances: Floats, generator: np.random.Generator) -> Indices:
    """Return the labels of the partition whose silhouettes have the highest mean/std, among all sizes on a grid and around its best."""
    most = min(len(distances) - 1, MOST_CLUSTERS)
    if most < 2:
        return np.arange(len(distances), dtype=np.int64)
    seeds = greedy_medoids(distances, most)
    found: dict[int, tuple[float, Indices]] = {}
    for size in _sizes(most):
        found[size] = _best_of_size(distances, seeds[:size], generator)
    best = max(found, key=lambda size: found[size][0])
    below = max((size for size in found if size < best), default=best)
    above = min((size for size in found if size > best), default=best)
    for size in range(below + 1, above):
        if size not in found:
            found[size] = _best_of_size(distances, seeds[:size], generator)
    return max(found.values(), key=lambda scored: scored[0])[1]


def _sizes(most: int) -> list[int]:
    """Return 2..20 one by one, then every eighth more, up to ``most``: the finer grid is searched around the best only."""
    sizes = list(range(2, min(most, 20) + 1))
    while sizes[-1] < most:
        sizes.append(min(most, sizes[-1] + max(1, sizes[-1] // 8)))
    return sizes


def _best_of_size(distances: Floats, seeds: Indices, generator: np.random.Generator) -> tuple[float, Indices]:
    """Return the quality and the labels of the tightest partition that a greedy and some random starts lead to."""
    starts = [seeds, *(random_medoids(distances, len(seeds), generator) for _ in range(_STARTS))]
    tried = [k_medoids(distances, start) for start in starts]
    labels, _ = min(tried, key=lambda partition: partition[1])
    return (quality(silhouettes(distances, labels)) if labels.max() > 0 else -np.inf), labels
