"""Haircut Sharpe ratio: what is left of a Sharpe ratio once its p-value is adjusted for how many trials there were.

Source: Harvey and Liu (2015), "Backtesting", Journal of Portfolio Management 42(1), with Holm's (1979) and Benjamini and Yekutieli's (2001)
adjustments. The paper draws the other trials' p-values from a model of published factors; here they are known and taken as they are.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StatisticsError
from walkforward.significance import normal
from walkforward.significance.inputs import Floats


@dataclass(frozen=True, slots=True)
class AdjustedSharpe:
    """``p_value`` in [0, 1] after the adjustment, and the per-period ``sharpe`` that alone would have it: 0 where nothing is left."""

    p_value: float
    sharpe: float


@dataclass(frozen=True, slots=True)
class Haircut:
    """The unadjusted two-sided ``p_value`` of one of several trials, and three adjustments of it.

    ``bonferroni`` and ``holm`` bound the chance of any false discovery, ``bhy`` the share of false ones among the discoveries, under any
    dependence. For the best trial Holm's is Bonferroni's.
    """

    p_value: float
    bonferroni: AdjustedSharpe
    holm: AdjustedSharpe
    bhy: AdjustedSharpe

    def as_dict(self) -> dict[str, object]:
        """Return the figures by name."""
        return asdict(self)


def haircut_sharpe(sharpes: ArrayLike, periods: int, chosen: int) -> Haircut:
    """Return the haircuts of ``sharpes[chosen]``, one of float64[N] per-period Sharpe ratios of all trials over ``periods`` >= 2 each.

    p = P(|z| > SR sqrt(T)), and 1 for a ratio that is not above 0: a test that found no edge. By its own two-sided p-value a sure loss
    would be a sure discovery, and every one of them would make the step-wise adjustments of the others milder. nan are trials without a
    ratio and no tests. StatisticsError: the chosen one is nan or not above 0, or too few periods.
    """
    ratios = np.asarray(sharpes, dtype=np.float64)
    if periods < 2:
        raise StatisticsError(f"{periods} period{'s' * (periods != 1)}: a Sharpe ratio needs at least 2")
    if not math.isfinite(ratios[chosen]):
        raise StatisticsError("the chosen trial has no Sharpe ratio: its returns never change")
    if ratios[chosen] <= 0:
        raise StatisticsError("the chosen trial's Sharpe ratio is not above 0: there is nothing to cut from")
    index = int(np.count_nonzero(np.isfinite(ratios[:chosen])))
    p_values = np.array([math.erfc(max(ratio, 0.0) * math.sqrt(periods / 2)) for ratio in ratios[np.isfinite(ratios)].tolist()])
    adjusted = (bonferroni(p_values), holm(p_values), benjamini_yekutieli(p_values))
    cut = [_sharpe_of(float(values[index]), float(ratios[chosen]), periods) for values in adjusted]
    return Haircut(float(p_values[index]), *cut)


def bonferroni(p_values: Floats) -> Floats:
    """Return min(1, N p) for float64[N] ``p_values``."""
    return np.asarray(np.minimum(1.0, len(p_values) * p_values))


def holm(p_values: Floats) -> Floats:
    """Return the step-down adjustment of float64[N]: the k-th smallest times N + 1 - k, never below that of a smaller one, at most 1."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    return _placed(order, np.maximum.accumulate(np.minimum(1.0, factors * p_values[order])))


def benjamini_yekutieli(p_values: Floats) -> Floats:
    """Return the step-up adjustment of float64[N]: the k-th smallest times N c/k with c = 1 + 1/2 + ... + 1/N, at most any larger one's."""
    order = np.argsort(p_values, kind="stable")
    ranks = np.arange(1, len(p_values) + 1)
    scaled = np.minimum(1.0, p_values[order] * len(p_values) * np.sum(1.0 / ranks) / ranks)
    return _placed(order, np.minimum.accumulate(scaled[::-1])[::-1])


def _placed(order: np.ndarray[tuple[int], np.dtype[np.int64]], values: Floats) -> Floats:
    result = np.empty(len(values))
    result[order] = values
    return result


def _sharpe_of(p_value: float, sharpe: float, periods: int) -> AdjustedSharpe:
    """Return the ratio whose own two-sided p-value is ``p_value``, never above ``sharpe`` > 0."""
    if p_value >= 1:
        return AdjustedSharpe(1.0, 0.0)
    # A p-value that rounds to 0 belongs to a ratio beyond 38 standard deviations, which no number of trials here brings down.
    return AdjustedSharpe(p_value, sharpe if p_value <= 0 else min(sharpe, -normal.quantile(p_value / 2) / math.sqrt(periods)))
