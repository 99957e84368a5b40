"""Hansen's test for superior predictive ability: is the best of all trials better than the benchmark, or did enough trials get lucky?

``T = max(0, max_k sqrt(n) dbar_k / omega_k)`` with ``dbar_k`` the mean of trial k's returns less the benchmark's and ``omega_k^2`` the
long-run variance. The same figure is taken of histories drawn by the stationary bootstrap in which no trial is better:
``T* = max(0, max_k sqrt(n) (dbar*_k - g_k) / omega_k)``, and ``p = (1 + #{T* >= T}) / (B + 1)``. What ``g_k`` is says how bad trials
count: lower ``max(dbar_k, 0)`` (as bad as they look), consistent ``dbar_k`` unless it is below ``-omega_k sqrt(2 ln ln n / n)``, then 0
(the hopeless ones drop out), upper ``dbar_k`` (all as good as the benchmark).

Source: Hansen 2005, "A Test for Superior Predictive Ability", Journal of Business & Economic Statistics 23.
"""

from dataclasses import asdict, dataclass

import numpy as np

from walkforward.significance.differences import chance, compare, poor
from walkforward.significance.inputs import Floats
from walkforward.significance.stationary_bootstrap import resampled_means


@dataclass(frozen=True, slots=True)
class SuperiorAbility:
    """p-values in (0, 1], ``p_lower <= p_consistent <= p_upper``; ``p_consistent`` is the one to judge by.

    ``statistic``: how many standard errors the best is ahead, 0 where none is. ``best``: the column that it is. ``block``: mean block
    length in days. ``resamples``: histories drawn. ``compared``: columns that differ from the benchmark.
    """

    p_lower: float
    p_consistent: float
    p_upper: float
    statistic: float
    best: int
    block: float
    resamples: int
    compared: int

    def as_dict(self) -> dict[str, float | int]:
        """Return the fields by name."""
        return asdict(self)


def superior_ability(differences: Floats, resamples: int, seed: int, block: float | None = None) -> SuperiorAbility:
    """Return how likely the best of the trials is only lucky.

    ``differences``: float64[T, N], a trial's less the benchmark's simple returns per day. ``block``: mean block length in days, by
    default the median of the columns' best. Raises StatisticsError for what ``compare`` refuses.
    """
    data = compare(differences, block)
    ratios = data.ratios
    statistic = max(0.0, float(ratios.max()))
    centres = (np.maximum(data.means, 0.0), np.where(poor(data), 0.0, data.means), data.means)
    beaten = [0, 0, 0]
    for means in resampled_means(data.values, data.block, resamples, seed):
        for case, centre in enumerate(centres):
            highest = np.maximum(((means - centre) / data.errors).max(axis=1), 0.0)
            beaten[case] += int(np.count_nonzero(highest >= statistic))
    lower, consistent, upper = (chance(count, resamples) for count in beaten)
    return SuperiorAbility(
        lower, consistent, upper, statistic, int(data.columns[ratios.argmax()]), data.block, resamples, len(data.columns)
    )
