"""The standard normal distribution, exact far into both tails."""

import math
from statistics import NormalDist

_SQRT2 = math.sqrt(2.0)
_NORMAL = NormalDist()


def cdf(x: float) -> float:
    """Return P(z <= ``x``), also where it is 1e-300: ``erfc``, where ``1 + erf`` would round to 0 below -8."""
    return 0.5 * math.erfc(-x / _SQRT2)


def pdf(x: float) -> float:
    """Return the density at ``x``."""
    return math.exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)


def quantile(probability: float) -> float:
    """Return the x with P(z <= x) = ``probability``, which lies in (0, 1); ask for a high one as minus the low one of the rest."""
    return _NORMAL.inv_cdf(probability)
