"""Permutation test: how often does a history without an edge do as well as the real one?

    p = (1 + #{score of a permuted history >= score of the real one}) / (m + 1)

The real history counts as one of the ``m + 1``, so p is never 0 and is exact, not asymptotic: where the order of the bars means nothing,
all ``m + 1`` orders are equally likely to score best. Source: B. Phipson, G. Smyth, Permutation P-values Should Never Be Zero (2010); its
use for trading rules: D. Aronson, Evidence-Based Technical Analysis (2006), ch. 6.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import StatisticsError

_BINS = 30


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """The share ``value`` (0..1) of histories that score at least ``real``, the real one among them.

    ``permutations`` were made, ``better`` of them scored at least ``real``; ``scores`` holds all of theirs, nan where there was none.
    """

    value: float
    permutations: int
    better: int
    real: float
    scores: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers by name, the scores as ``[left edge, count]`` of at most 30 bars of equal width."""
        found = {name: getattr(self, name) for name in ("value", "permutations", "better", "real")}
        return found | {"scores": histogram(self.scores)}


def permutation_test(real: float, scores: Sequence[float]) -> PermutationTest:
    """Return the test of ``real`` against the ``scores`` of at least one permuted history, higher is better.

    A permuted history without a score (nan: nothing there was valid) counts as worse than any. Raises StatisticsError when there are no
    permutations or the real history has no score.
    """
    if not scores:
        raise StatisticsError("no permuted history was made: set significance.permutations above 0.")
    if not math.isfinite(real):
        raise StatisticsError("on the real candles none of the settings tried has a valid result, so there is nothing to compare with.")
    better = sum(score >= real for score in scores)  # nan is never
    return PermutationTest((1 + better) / (len(scores) + 1), len(scores), better, real, tuple(scores))


def histogram(scores: Sequence[float]) -> list[list[float]]:
    """Return ``[left edge, count]`` of each bar; nan is left out."""
    finite = [score for score in scores if math.isfinite(score)]
    if not finite:
        return []
    counts, edges = np.histogram(finite, bins=min(_BINS, len(set(finite))))
    return [[float(edge), int(count)] for edge, count in zip(edges[:-1], counts, strict=True)]
