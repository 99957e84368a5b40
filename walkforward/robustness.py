"""The four robustness scores, from the scored out-of-sample windows."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

_CONSISTENCY_WEIGHT, _STABILITY_WEIGHT, _OVERFITTING_WEIGHT = 0.4, 0.4, 0.2


@dataclass(frozen=True, slots=True)
class WindowScore:
    """What the scores need of one scored window: whether it counts as profitable, and the Sharpe ratio of both parts (may be nan)."""

    profitable: bool
    is_sharpe: float
    oos_sharpe: float


@dataclass(frozen=True, slots=True)
class RobustnessScores:
    """``consistency``, ``stability`` and ``confidence`` in [0, 1], ``overfitting`` >= 0; nan = undefined, never a number in disguise."""

    consistency: float
    stability: float
    overfitting: float
    confidence: float

    def as_dict(self) -> dict[str, float]:
        """Return the four scores by name."""
        return asdict(self)


def score(windows: Sequence[WindowScore]) -> RobustnessScores:
    """Return the scores of the scored ``windows``; all nan when there is none."""
    if not windows:
        return RobustnessScores(math.nan, math.nan, math.nan, math.nan)
    consistent = consistency([window.profitable for window in windows])
    stable = stability([window.oos_sharpe for window in windows])
    overfit = overfitting([window.is_sharpe for window in windows], [window.oos_sharpe for window in windows])
    return RobustnessScores(consistent, stable, overfit, confidence(consistent, stable, overfit))


def consistency(profitable: Sequence[bool]) -> float:
    """Return the share (0..1) of windows that count as profitable; nan without windows."""
    return sum(profitable) / len(profitable) if profitable else math.nan


def counts_as_profitable(net_pnl: float, profit_factor: float, least: float) -> bool:
    """Return whether a window ended with a profit and a profit factor of at least ``least``; one without a losing trade (nan) has it.

    A window below ``least`` is no reason to leave it out of the scores: only the good ones would be left.
    """
    return net_pnl > 0 and not profit_factor < least


def stability(oos_sharpes: Sequence[float]) -> float:
    """Return ``max(0, 1 - std / |mean|)`` (ddof 1) in [0, 1].

    nan below two windows, where a ratio is undefined, and where all are 0; 0 where the mean alone is 0 (the spread is infinitely wide).
    """
    if len(oos_sharpes) < 2 or not all(map(math.isfinite, oos_sharpes)):
        return math.nan
    mean, std = float(np.mean(oos_sharpes)), float(np.std(oos_sharpes, ddof=1))
    if mean == 0:
        return math.nan if std == 0 else 0.0
    return max(0.0, 1 - std / abs(mean))


def overfitting(is_sharpes: Sequence[float], oos_sharpes: Sequence[float]) -> float:
    """Return ``max(0, (mean IS - mean OOS) / mean IS)``: the share of the in-sample Sharpe ratio that is lost out of sample.

    Above 1 when the mean turned negative. nan where the in-sample mean is not positive and where a ratio is undefined.
    """
    if not is_sharpes or not all(map(math.isfinite, (*is_sharpes, *oos_sharpes))):
        return math.nan
    is_mean, oos_mean = float(np.mean(is_sharpes)), float(np.mean(oos_sharpes))
    return max(0.0, (is_mean - oos_mean) / is_mean) if is_mean > 0 else math.nan


def confidence(consistent: float, stable: float, overfit: float) -> float:
    """Return ``0.4 consistency + 0.4 stability + 0.2 (1 - min(overfitting, 1))`` in [0, 1]; nan if one of them is."""
    if math.isnan(overfit):
        return math.nan
    return _CONSISTENCY_WEIGHT * consistent + _STABILITY_WEIGHT * stable + _OVERFITTING_WEIGHT * (1 - min(overfit, 1.0))
