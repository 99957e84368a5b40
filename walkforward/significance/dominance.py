"""Stochastic dominance of one sample over another: is choosing better than not choosing, for whom?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ROUNDING = 1e-12  # of the largest area: sums of a million terms


@dataclass(frozen=True, slots=True)
class Dominance:
    """``first``: at every level fewer of the chosen are below it: better for whoever likes more. ``second``: the area under their
    distribution is nowhere larger: better for whoever also dislikes risk. The first implies the second."""

    first: bool
    second: bool

    def as_dict(self) -> dict[str, bool]:
        return {"first_order_dominance": self.first, "second_order_dominance": self.second}


def dominance_of(chosen: Floats, others: Floats) -> Dominance:
    """Tell whether the values ``chosen`` dominate the values ``others`` (both float64, any length >= 1, finite).

    With F the share of a sample that is at most x: first order when F_chosen(x) <= F_others(x) for all x, and < for some; second order
    when the area under F_chosen up to x is at most the one under F_others for all x, and smaller for some. Both are exact for the two
    samples: F and the slope of its area change only at the samples' values, which are all looked at. Source: Levy, "Stochastic
    Dominance" (3rd ed., 2016); Bailey et al. (2015), section 4.
    """
    levels = np.sort(np.concatenate((chosen, others)))
    better, worse = _shares(np.sort(chosen), levels), _shares(np.sort(others), levels)
    first = bool((better <= worse).all() and (better < worse).any())
    gaps = np.diff(levels)
    areas = np.cumsum((worse - better)[:-1] * gaps)
    slack = _ROUNDING * float(levels[-1] - levels[0])
    second = bool((areas >= -slack).all() and (areas > slack).any())
    return Dominance(first, second or first)


def _shares(ordered: Floats, levels: Floats) -> Floats:
    return np.searchsorted(ordered, levels, side="right") / len(ordered)
