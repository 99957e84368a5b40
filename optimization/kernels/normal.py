"""A normal distribution over the places 0, 1, ..., last of a grid: each place gets the mass of half a step to either side of it.

The distribution is cut off half a step beyond both ends and scaled up to 1.
"""

import math

from strategies.jit import njit, njit_inline, njit_inner

_ROOT_2 = math.sqrt(2.0)


@njit_inline
def tail(steps: int, width: float) -> float:
    """Return how much of a normal distribution with standard deviation ``width`` lies more than ``steps`` + 1/2 above its mean."""
    return 0.5 * math.erfc((steps + 0.5) / (width * _ROOT_2))


@njit_inline
def up_to(place: float, mean: float, width: float) -> float:
    """Return how much of a normal distribution lies below half a step above ``place``."""
    return 0.5 * math.erfc((mean - place - 0.5) / (width * _ROOT_2))


@njit_inner
def drawn(share: float, mean: float, width: float, last: int) -> int:
    """Return the place in [0, ``last``] at which the distribution about ``mean`` has reached ``share`` (in [0, 1)) of its mass."""
    below = up_to(-1.0, mean, width)
    wanted = below + share * (up_to(last, mean, width) - below)
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        if up_to(middle, mean, width) > wanted:
            high = middle
        else:
            low = middle + 1
    return low


@njit
def prior_share(place: int, last: int) -> float:
    """Return the mass at ``place`` of the prior: about the middle of the range, as wide as the range."""
    scale = (last + 1.0) * _ROOT_2
    whole = math.erf(0.5 / _ROOT_2)
    centred = place - 0.5 * last
    return 0.5 * (math.erf((centred + 0.5) / scale) - math.erf((centred - 0.5) / scale)) / whole
