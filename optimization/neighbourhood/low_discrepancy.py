"""Points spread evenly over a grid, or over a ball around one of its points, from Sobol' points with a seed."""

from collections.abc import Iterator, Mapping
from itertools import islice, product
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from optimization.neighbourhood.sobol import sobol
from optimization.space import Dimension, SearchSpace

# The ball reaches this share of a parameter's range, and two steps at least.
BALL_SHARE = 0.1
_STEPS_AT_LEAST = 2
# So many points are drawn for each one wanted: the others fall on each other or off the grid.
_DRAWS = 4


def cover(space: SearchSpace, count: int, seed: int) -> list[dict[str, int]]:
    """Return up to ``count`` different points all over ``space``, in the order drawn; all of them where there are no more."""
    sizes = [dimension.last + 1 for dimension in space.dimensions]
    if space.size <= count:
        return [dict(zip(space.names, point, strict=True)) for point in product(*map(range, sizes))]
    draws = np.floor(sobol(_DRAWS * count, len(sizes), seed) * sizes).astype(np.int64)
    return list(islice(_different(space, draws), count))


def ball(space: SearchSpace, centre: Mapping[str, int], count: int, seed: int) -> list[dict[str, int]]:
    """Return up to ``count`` different points around ``centre``, without it and without what lies off the grid, in the order drawn."""
    dimensions = len(space.dimensions)
    uniform = sobol(_DRAWS * count, dimensions + 1, seed)
    normal = np.array([[NormalDist().inv_cdf(min(max(u, 1e-12), 1 - 1e-12)) for u in row] for row in uniform[:, :dimensions].tolist()])
    length = np.maximum(np.sqrt((normal * normal).sum(axis=1, keepdims=True)), 1e-12)
    within = normal / length * uniform[:, dimensions:] ** (1 / dimensions)
    middle = np.array([centre[name] for name in space.names])
    draws = middle + np.rint(within * [ball_radius(each) for each in space.dimensions]).astype(np.int64)
    inside = ((draws >= 0) & (draws <= [each.last for each in space.dimensions])).all(axis=1) & (draws != middle).any(axis=1)
    return list(islice(_different(space, draws[inside]), count))


def ball_radius(dimension: Dimension) -> float:
    """Return how many steps the ball reaches along ``dimension``."""
    return min(max(float(_STEPS_AT_LEAST), BALL_SHARE * dimension.last), float(dimension.last))


def _different(space: SearchSpace, draws: NDArray[np.int64]) -> Iterator[dict[str, int]]:
    for point in dict.fromkeys(map(tuple, draws.tolist())):
        yield dict(zip(space.names, point, strict=True))
