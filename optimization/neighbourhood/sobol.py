"""Sobol' points with a random digital shift: scipy's sequence, bit for bit, without the half second that importing ``scipy.stats`` takes.

Direction numbers after Joe and Kuo (2008). Beyond the table scipy itself is asked.
"""

import numpy as np
from numpy.typing import NDArray

_BITS = 30
# From the second dimension on: the polynomial's inner coefficients, and the first direction numbers, one per degree.
_TABLE: tuple[tuple[int, tuple[int, ...]], ...] = (
    (0, (1,)),
    (1, (1, 3)),
    (1, (1, 3, 1)),
    (2, (1, 1, 1)),
    (1, (1, 1, 3, 3)),
    (4, (1, 3, 5, 13)),
    (2, (1, 1, 5, 5, 17)),
    (4, (1, 1, 5, 5, 5)),
    (7, (1, 1, 7, 11, 19)),
    (11, (1, 1, 5, 1, 1)),
    (13, (1, 1, 1, 3, 11)),
    (14, (1, 3, 5, 5, 31)),
    (1, (1, 3, 3, 9, 7, 49)),
    (13, (1, 1, 1, 15, 21, 21)),
    (16, (1, 3, 1, 13, 27, 49)),
    (19, (1, 1, 1, 15, 7, 5)),
    (22, (1, 3, 1, 15, 13, 25)),
    (25, (1, 1, 5, 5, 19, 61)),
    (1, (1, 3, 7, 11, 23, 15, 103)),
    (4, (1, 3, 7, 13, 13, 15, 69)),
)
TABLED_DIMENSIONS = len(_TABLE) + 1


def sobol(count: int, dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return ``count`` points of the unit cube, shape (count, dimensions), each value in [0, 1); a power of two is spread most evenly.

    ``seed`` shifts every dimension by a number of its own, which keeps the evenness.
    """
    shift = np.random.Generator(np.random.PCG64(seed)).integers(0, 2**_BITS, dimensions)
    return (plain_sobol(count, dimensions) ^ shift) / 2.0**_BITS


def plain_sobol(count: int, dimensions: int) -> NDArray[np.int64]:
    """Return the first ``count`` points of the sequence before any shift, times 2**30."""
    if dimensions > TABLED_DIMENSIONS:
        from scipy.stats import qmc

        return np.asarray(qmc.Sobol(dimensions, scramble=False, bits=_BITS).random(count) * 2**_BITS).astype(np.int64)
    directions = np.array([_directions(dimension) for dimension in range(dimensions)])
    numbers = np.arange(count)
    gray = numbers ^ (numbers >> 1)
    points = np.zeros((count, dimensions), np.int64)
    for bit in range(max(1, count - 1).bit_length()):
        points ^= ((gray >> bit) & 1)[:, None] * directions[:, bit]
    return points


def _directions(dimension: int) -> list[int]:
    """Return the direction numbers of one dimension, the most significant bit first."""
    if dimension == 0:
        return [1 << (_BITS - 1 - bit) for bit in range(_BITS)]
    inner, first = _TABLE[dimension - 1]
    degree, found = len(first), list(first)
    for place in range(degree, _BITS):
        value = found[place - degree] ^ (found[place - degree] << degree)
        for step in range(1, degree):
            if (inner >> (degree - 1 - step)) & 1:
                value ^= found[place - step] << step
        found.append(value)
    return [value << (_BITS - 1 - bit) for bit, value in enumerate(found)]
