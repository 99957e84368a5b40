"""Functional ANOVA of a random forest over a grid: the share of the variance that each parameter explains by itself.

After Hutter, Hoos and Leyton-Brown (2014), written for grids of few values: boxes of leaves are index ranges, so that marginals are exact
sums. Optuna's evaluator does the same on scikit-learn's forest, in 1.5 s for 150 trials of six parameters after 1.5 s of imports; this
takes a twentieth of a second. The tests compare the two.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# With twice as many the shares of real searches move by 0.01 and the time doubles.
TREES = 16
SMALLEST_LEAF = 3
_ROUNDING = 1e-15

Indices = NDArray[np.int64]
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tree:
    """The leaves of a regression tree: boxes of indices from ``low`` to ``high``, both inclusive, shape (leaves, dimensions)."""

    low: Indices
    high: Indices
    value: Values

    def predict(self, points: Indices) -> Values:
        """Return the value of the leaf that each row of ``points`` falls in."""
        inside = ((points[:, None, :] >= self.low) & (points[:, None, :] <= self.high)).all(axis=2)
        return np.asarray(self.value[inside.argmax(axis=1)])

    def shares(self, sizes: Indices) -> Values:
        """Return each dimension's share of the tree's variance over the whole grid; nan everywhere for a tree that is one leaf."""
        extent = (self.high - self.low + 1) / sizes
        weight = extent.prod(axis=1)
        mean = float(weight @ self.value)
        total = float(weight @ (self.value - mean) ** 2)
        if total <= 0:
            return np.full(len(sizes), math.nan)
        return np.array([self._marginal_variance(k, int(sizes[k]), weight / extent[:, k], mean) for k in range(len(sizes))]) / total

    def _marginal_variance(self, dimension: int, size: int, weight: Values, mean: float) -> float:
        grid = np.arange(size)
        covers = (grid >= self.low[:, dimension, None]) & (grid <= self.high[:, dimension, None])
        marginal = (weight * self.value) @ covers
        return float(((marginal - mean) ** 2).mean())


@dataclass(frozen=True, slots=True)
class Fanova:
    """``shares`` of the variance by dimension, and ``explained``: the R² of predictions for points that a tree was not shown."""

    shares: Values
    explained: float


def fanova(points: Indices, values: Values, sizes: Sequence[int], seed: int) -> Fanova:
    """Return the decomposition of ``values`` (n,) at ``points`` (n, dimensions), which are indices into a grid of ``sizes``.

    Equal input gives equal output. Shares are nan when no tree found anything to split.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    shape = np.array(sizes, np.int64)
    shares, predicted, told = [], np.zeros(len(values)), np.zeros(len(values))
    for _ in range(TREES):
        drawn = generator.integers(0, len(values), len(values))
        tree = grow(points[drawn], values[drawn], shape)
        shares.append(tree.shares(shape))
        unseen = np.setdiff1d(np.arange(len(values)), drawn)
        predicted[unseen] += tree.predict(points[unseen])
        told[unseen] += 1
    kept = np.array([each for each in shares if not math.isnan(each[0])])
    return Fanova(kept.mean(axis=0) if len(kept) else np.full(len(sizes), math.nan), _explained(values, predicted, told))


def _explained(values: Values, predicted: Values, told: Values) -> float:
    seen = told > 0
    spread = float(((values[seen] - values[seen].mean()) ** 2).sum()) if seen.any() else 0.0
    return 1 - float(((values[seen] - predicted[seen] / told[seen]) ** 2).sum()) / spread if spread > 0 else math.nan


def grow(points: Indices, values: Values, sizes: Indices) -> Tree:
    """Return the tree that splits where the squared error falls most, down to leaves of ``SMALLEST_LEAF`` points."""
    mean = math.fsum(values.tolist()) / len(values)
    centred = values - mean
    least = _ROUNDING * math.fsum((centred * centred).tolist()) / len(values)
    leaves: list[tuple[Indices, Indices, float]] = []
    open_nodes = [(np.arange(len(values)), np.zeros_like(sizes), sizes - 1)]
    while open_nodes:
        members, low, high = open_nodes.pop()
        split = _best_split(points[members], centred[members], int(sizes.max()), least)
        if split is None:
            leaves.append((low, high, mean + math.fsum(centred[members].tolist()) / len(members)))
            continue
        dimension, last_left = split
        left = points[members, dimension] <= last_left
        below, above = high.copy(), low.copy()
        below[dimension], above[dimension] = last_left, last_left + 1
        open_nodes += [(members[~left], above, high), (members[left], low, below)]
    lows, highs, means = zip(*leaves, strict=True)
    return Tree(np.array(lows), np.array(highs), np.array(means))


def _best_split(points: Indices, values: Values, size: int, least: float) -> tuple[int, int] | None:
    """Return (dimension, the last index that goes to the left), None when no split keeps enough points on both sides and gains ``least``.

    All sums run in one order, whatever the processor, so that ties are always broken alike. Between two values that occur
    the border lies in the middle.
    """
    n, dimensions = points.shape
    if n < 2 * SMALLEST_LEAF:
        return None
    cells = (points + np.arange(dimensions) * size).ravel()
    counts = np.bincount(cells, minlength=dimensions * size).reshape(dimensions, size).cumsum(axis=1)
    sums = np.bincount(cells, np.repeat(values, dimensions), minlength=dimensions * size).reshape(dimensions, size).cumsum(axis=1)
    allowed = (counts >= SMALLEST_LEAF) & (n - counts >= SMALLEST_LEAF)
    above = sums - sums[:, -1:] * counts / n  # of the left side's sum over what its share of the whole would be
    gains = np.where(allowed, above * above / np.maximum(counts * (n - counts), 1), 0.0)
    dimension, first = divmod(int(gains.argmax()), size)
    if gains[dimension, first] <= least:
        return None
    last = int(np.searchsorted(counts[dimension], counts[dimension, first], side="right")) - 1
    return dimension, (first + last) // 2
