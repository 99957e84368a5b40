"""White's Reality Check: the older question of the same kind as the test for superior ability, without standard errors.

``V = max_k sqrt(n) dbar_k``, against ``V* = max_k sqrt(n) (dbar*_k - dbar_k)`` of histories drawn by the stationary bootstrap;
``p = (1 + #{V* >= V}) / (B + 1)``. Wild trials set the scale for calm ones, and hopeless trials count as if they were as good as the
benchmark: it misses edges that the test for superior ability finds.

Source: White 2000, "A Reality Check for Data Snooping", Econometrica 68.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np

from walkforward.significance.differences import chance, compare
from walkforward.significance.inputs import Floats
from walkforward.significance.stationary_bootstrap import resampled_means


@dataclass(frozen=True, slots=True)
class RealityCheck:
    """``p`` in (0, 1]. ``statistic``: ``sqrt(n)`` times the best mean difference per day. ``best``: the column that has it.

    ``block``: mean block length in days. ``resamples``: histories drawn.
    """

    p: float
    statistic: float
    best: int
    block: float
    resamples: int

    def as_dict(self) -> dict[str, float | int]:
        """Return the fields by name."""
        return asdict(self)


def reality_check(differences: Floats, resamples: int, seed: int, block: float | None = None) -> RealityCheck:
    """Return how likely the best mean of ``differences`` (float64[T, N], trial less benchmark per day) is only lucky.

    ``block``: mean block length in days, by default the median of the columns' best. Raises StatisticsError for what ``compare`` refuses.
    """
    data = compare(differences, block)
    best = int(data.means.argmax())
    highest = float(data.means[best])
    beaten = 0
    for means in resampled_means(data.values, data.block, resamples, seed):
        beaten += int(np.count_nonzero((means - data.means).max(axis=1) >= highest))
    root = math.sqrt(len(data.values))
    return RealityCheck(chance(beaten, resamples), root * highest, int(data.columns[best]), data.block, resamples)
