"""Deflated Sharpe ratio: how sure one may be of the best of N trials, given that the best of N was picked.

Source: Bailey and López de Prado (2014), "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5).
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

from core.errors import StatisticsError
from walkforward.significance.expected_maximum import expected_maximum
from walkforward.significance.moments import Moments
from walkforward.significance.probabilistic_sharpe import probabilistic_sharpe


@dataclass(frozen=True, slots=True)
class DeflatedSharpe:
    """``value`` in [0, 1]; ``threshold``: the best per-period Sharpe ratio that luck explains, with ``trials`` of such a ``variance``."""

    value: float
    threshold: float
    trials: float
    variance: float

    def as_dict(self) -> dict[str, float]:
        """Return the four numbers by name."""
        return asdict(self)


def deflated_sharpe(
    moments: Moments, trials: float, variance: float, expected: Callable[[float], float] = expected_maximum
) -> DeflatedSharpe:
    """Return P(the winner's true Sharpe > 0) after ``trials``: the probabilistic Sharpe ratio (2012) against sqrt(variance) E[max_N].

    ``moments`` are the winner's; ``trials`` > 1, an effective number or a count; ``variance`` > 0 that of the per-period Sharpe ratios
    over all trials, which is biased low where a sampler crowds around one optimum. ``expected`` is E[max]: exact, or the published
    approximation. StatisticsError for one trial, and for trials of one and the same Sharpe ratio.
    """
    if not trials > 1:
        raise StatisticsError(f"{trials:g} trial: where nothing was selected there is nothing to deflate")
    if not (math.isfinite(variance) and variance > 0):
        raise StatisticsError(f"the Sharpe ratios of the trials have a variance of {variance:g}: they are all the same or undefined")
    threshold = math.sqrt(variance) * expected(trials)
    return DeflatedSharpe(probabilistic_sharpe(moments, threshold), threshold, float(trials), variance)
