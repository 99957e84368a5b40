"""Parameter importance: which parameters the objective depends on, and whether that can be said at all."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimization.fanova import fanova
from optimization.space import SearchSpace

# With fewer valid points a forest has next to nothing to learn from.
FEWEST_POINTS = 30
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Importance:
    """Share of the objective's variance over the whole grid that each parameter explains by itself; the rest is ``interactions``.

    Shares are nan where they are undefined: all of them with a ``reason``, else those of parameters with one value. ``points`` counts the
    valid points it is drawn from, ``trials`` of which are trials of the search. ``explained`` is the share of the variance that the model
    predicts for points that it was not shown.
    """

    shares: Mapping[str, float]
    interactions: float
    explained: float
    points: int
    trials: int
    reason: str | None

    @property
    def ranked(self) -> tuple[str, ...]:
        """The parameters with a share, the most important first."""
        known = [name for name, share in self.shares.items() if not math.isnan(share)]
        return tuple(sorted(known, key=lambda name: -self.shares[name]))

    def as_dict(self) -> dict[str, Any]:
        """Return the record; ``method`` says how it was found."""
        return {
            "method": "fanova",
            "shares": dict(self.shares),
            "interactions": self.interactions,
            "explained": self.explained,
            "points": self.points,
            "trials": self.trials,
            "reason": self.reason,
        }


def importance_of(
    space: SearchSpace, trials: Mapping[tuple[int, ...], float], others: Mapping[tuple[int, ...], float], seed: int
) -> Importance:
    """Return the importance of the parameters of ``space``, from objective values at grid points.

    ``trials`` are those of the search, which crowd where it is good; ``others`` are spread over the grid and make up for it. A point in
    both counts once. Deterministic in ``seed``.
    """
    values = dict(trials) | dict(others)
    varied = [place for place, dimension in enumerate(space.dimensions) if dimension.last > 0]
    reason = _why_not(len(varied), list(values.values()))
    if reason is not None:
        return Importance(dict.fromkeys(space.names, math.nan), math.nan, math.nan, len(values), len(trials), reason)
    points = np.array(list(values), np.int64)[:, varied]
    found = fanova(points, np.array(list(values.values())), [space.dimensions[place].last + 1 for place in varied], seed)
    explained = round(found.explained, _DIGITS)
    if not explained > 0:
        reason = "the objective at one point says nothing about the next: the model predicts no better than the mean"
        return Importance(dict.fromkeys(space.names, math.nan), math.nan, explained, len(values), len(trials), reason)
    shares = dict.fromkeys(space.names, math.nan)
    shares |= {space.names[place]: round(float(share), _DIGITS) for place, share in zip(varied, found.shares, strict=True)}
    together = round(max(0.0, 1 - float(found.shares.sum())), _DIGITS)
    return Importance(shares, together, explained, len(values), len(trials), None)


def _why_not(varied: int, values: Sequence[float]) -> str | None:
    """Return why importance is undefined, None when it is not."""
    if not varied:
        return "no parameter has more than one value"
    if len(values) < FEWEST_POINTS:
        return f"{len(values)} valid points are too few: it takes {FEWEST_POINTS}"
    if max(values) == min(values):
        return "the objective has the same value everywhere"
    return None
