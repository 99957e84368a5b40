"""Figures of a series of returns: its tails, its shape, how steady it grew.

``returns`` is float64[D], simple returns, one a day. A figure that a series is too short or too even for is ``nan``.
"""

import math

import numpy as np
from numpy.typing import NDArray

from reporting.performance.benchmark import correlation

Floats = NDArray[np.float64]

TAIL = 0.05


def sharpe_ratio(returns: Floats, days_per_year: float, risk_free: float = 0.0) -> float:
    """Return mean(r - rf) / std(r, ddof=1) * sqrt(days_per_year); ``risk_free`` is per day."""
    deviation = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
    return float(returns.mean() - risk_free) / deviation * math.sqrt(days_per_year) if _varies(returns, deviation) else math.nan


def value_at_risk(returns: Floats, share: float = TAIL) -> float:
    """Return the ``share`` quantile, interpolated linearly: on that share of the days the return was lower."""
    return float(np.quantile(returns, share)) if len(returns) else math.nan


def expected_shortfall(returns: Floats, share: float = TAIL) -> float:
    """Return the mean of the worst days: the lowest floor((D - 1) * share) + 1 of them."""
    count = int((len(returns) - 1) * share) + 1
    return float(np.sort(returns)[:count].mean()) if len(returns) else math.nan


def omega_ratio(returns: Floats, threshold: float = 0.0) -> float:
    """Return sum(max(r - threshold, 0)) / sum(max(threshold - r, 0)); ``threshold`` is per day."""
    above = returns - threshold
    losses = -float(above[above < 0.0].sum())
    return float(above[above > 0.0].sum()) / losses if losses > 0.0 else math.nan


def tail_ratio(returns: Floats) -> float:
    """Return |95 % quantile| / |5 % quantile|."""
    if not len(returns):
        return math.nan
    high, low = np.quantile(returns, (1.0 - TAIL, TAIL))
    return abs(float(high)) / abs(float(low)) if low else math.nan


def skewness(returns: Floats) -> float:
    """Return m3 / m2^1.5 with moments about the mean that divide by D."""
    return _standardized(returns, 3)


def kurtosis(returns: Floats) -> float:
    """Return m4 / m2^2 with moments about the mean that divide by D; 3 for a normal distribution."""
    return _standardized(returns, 4)


def growth_steadiness(returns: Floats) -> float:
    """Return R^2 of the line through the cumulated logarithmic returns against time, 0..1."""
    growth = np.cumsum(np.log1p(returns))
    if len(returns) < 3 or not _varies(growth, float(growth.std())):
        return math.nan
    return correlation(np.arange(len(growth), dtype=np.float64), growth) ** 2


def _standardized(returns: Floats, power: int) -> float:
    if len(returns) < 2:
        return math.nan
    apart = returns - returns.mean()
    variance = float((apart**2).mean())
    return float((apart**power).mean()) / variance ** (power / 2) if _varies(returns, math.sqrt(variance)) else math.nan


def _varies(values: Floats, deviation: float) -> bool:
    """Return whether a deviation is more than what rounding leaves of equal values."""
    return deviation > 1e-14 * float(np.abs(values).max(initial=0.0)) and deviation > 0.0
