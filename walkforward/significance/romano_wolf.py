"""Romano and Wolf's step-down: which of the trials beat the benchmark, with one chance of error for all of them together.

Trials are taken from the best ratio ``t_k = dbar_k / se_k`` downwards. The p-value of each is the share of drawn histories in which the
best of it and all below it does as well by luck, ``(1 + #{max_{j from k on} t*_j >= t_k}) / (B + 1)`` with
``t*_j = (dbar*_j - dbar_j) / se_j``, and no smaller than that of the trial before it. Trials whose p-value is at most the level beat the
benchmark.

Sources: Romano & Wolf 2005, "Stepwise Multiple Testing as Formalized Data Snooping", Econometrica 73; p-values: Romano & Wolf 2016.
"""

from dataclasses import dataclass

import numpy as np

from walkforward.significance.differences import compare
from walkforward.significance.inputs import Floats
from walkforward.significance.stationary_bootstrap import Integers, resampled_means


@dataclass(frozen=True, slots=True)
class RomanoWolf:
    """``p_values``: float64[N] in (0, 1], of every column. ``block``: mean block length in days. ``resamples``: histories drawn."""

    p_values: Floats
    block: float
    resamples: int

    def beaten_by(self, level: float = 0.05) -> Integers:
        """Return the columns that beat the benchmark, where the chance that any of them does so by luck is at most ``level``."""
        return np.flatnonzero(self.p_values <= level)

    def as_dict(self) -> dict[str, object]:
        """Return the fields by name."""
        return {"p_values": self.p_values.tolist(), "block": self.block, "resamples": self.resamples}


def romano_wolf(differences: Floats, resamples: int, seed: int, block: float | None = None) -> RomanoWolf:
    """Return the p-value of every column of ``differences`` (float64[T, N], trial less benchmark per day).

    A column that never changes did not beat anything: its p-value is 1. ``block``: mean block length in days, by default the median
    of the columns' best. Raises StatisticsError for what ``compare`` refuses.
    """
    data = compare(differences, block)
    order = np.argsort(-data.ratios, kind="stable")
    ratios = data.ratios[order]
    beaten = np.zeros(len(order), np.int64)
    for means in resampled_means(data.values, data.block, resamples, seed):
        lucky = ((means - data.means) / data.errors)[:, order]
        highest = np.maximum.accumulate(lucky[:, ::-1], axis=1)[:, ::-1]
        beaten += np.count_nonzero(highest >= ratios, axis=0)
    p_values = np.ones(differences.shape[1])
    p_values[data.columns[order]] = np.maximum.accumulate((1 + beaten) / (resamples + 1))
    return RomanoWolf(p_values, data.block, resamples)
