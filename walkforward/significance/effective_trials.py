"""How many independent trials a search amounts to: several answers, because which one is right cannot be known."""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StatisticsError
from walkforward.significance.clusters import Clusters
from walkforward.significance.correlations import correlations, unit_columns
from walkforward.significance.inputs import Floats, checked_matrix, varying

_DECIMALS = 9  # eigenvalues differ in their last digits with the number of threads, and no result may


@dataclass(frozen=True, slots=True)
class EffectiveTrials:
    """Counts of trials: all of them (``raw``), those of different returns (``unique``), and four estimates of the independent ones.

    ``raw`` is what the search ran; the others are of the columns compared, and none exceeds their number. ``clustered`` counts groups.
    """

    raw: int
    unique: int
    average_correlation: float
    effective_rank: float
    participation: float
    clustered: int

    def as_dict(self) -> dict[str, float]:
        """Return the six counts by name."""
        return asdict(self)


def effective_trials(matrix: ArrayLike, raw: int, clusters: Clusters) -> EffectiveTrials:
    """Return the counts for float64[T, N] ``matrix``, of which ``clusters`` are the clusters, of a search of ``raw`` >= N trials.

    Trials whose returns never change are out of the three that need correlations. StatisticsError: fewer than two trials that change,
    or all of one and the same returns.
    """
    values = checked_matrix(matrix)
    unique = len({column.tobytes() for column in np.ascontiguousarray(values.T) + 0.0})  # + 0.0: minus zero is zero
    moving = varying(values)
    if np.count_nonzero(moving) < 2:
        raise StatisticsError(f"{np.count_nonzero(moving)} of {len(moving)} trials have returns that change: two are needed to compare")
    if unique < 2:
        raise StatisticsError("all trials have the same returns: they are one trial")
    changing = np.ascontiguousarray(values[:, moving])
    alike, unit = correlations(changing), unit_columns(changing)
    # Seen from the days, the products have the same eigenvalues but for zeros, and the work is that of the smaller side.
    rank = effective_rank(unit @ unit.T if unit.shape[0] < unit.shape[1] else alike)
    return EffectiveTrials(
        raw, unique, average_correlation_count(alike), round(rank, _DECIMALS), participation_ratio(alike), clusters.count
    )


def average_correlation_count(correlation: Floats) -> float:
    """Return rho + (1 - rho) N in [1, N], rho the mean correlation of two different trials, of float64[N, N], N >= 2.

    Source: Bailey and López de Prado (2014), "The Deflated Sharpe Ratio", appendix 3. A mean below 0 counts as 0: N trials are at most N.
    """
    count = len(correlation)
    average = max(0.0, float((correlation.sum() - np.trace(correlation)) / (count * (count - 1))))
    return average + (1 - average) * count


def effective_rank(correlation: Floats) -> float:
    """Return exp(entropy of the eigenvalues as shares of their sum) in [1, N], of float64[N, N].

    Source: Roy and Vetterli (2007), "The effective rank: a measure of effective dimensionality". T days show at most T - 1.
    """
    eigenvalues = np.linalg.eigvalsh(correlation)
    shares = eigenvalues[eigenvalues > 1e-12 * eigenvalues[-1]]
    shares = shares / shares.sum()
    return math.exp(-float(np.sum(shares * np.log(shares))))


def participation_ratio(correlation: Floats) -> float:
    """Return (sum of λ)² / (sum of λ²) in [1, N], λ the eigenvalues of float64[N, N]: N² over the sum of the squared correlations."""
    return float(np.trace(correlation) ** 2 / np.sum(correlation * correlation))
