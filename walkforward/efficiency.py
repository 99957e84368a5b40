"""Walk-forward efficiency: how much of the yearly return that the search showed is earned on the days after it.

    efficiency = yearly return out of sample / yearly return in sample

of the same parameters, each return a share of the initial capital and scaled to a year by the length of its part. 1 is all of it, 0 none;
nothing can be said where the search showed no profit.
"""

import math
from collections.abc import Sequence

from core.timeframe import YEAR_MS


def yearly(return_pct: float, length_ms: int) -> float:
    """Return ``return_pct`` (percent over ``length_ms`` > 0) in percent a year, without compounding."""
    return return_pct * YEAR_MS / length_ms


def efficiency(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the mean yearly return out of sample over that in sample, of ``pairs`` (in sample, out of sample); one for each window.

    nan without pairs, with an undefined return, and where the mean in sample is not above zero.
    """
    if not pairs or not all(math.isfinite(value) for pair in pairs for value in pair):
        return math.nan
    inside, outside = (math.fsum(values) / len(pairs) for values in zip(*pairs, strict=True))
    return outside / inside if inside > 0 else math.nan
