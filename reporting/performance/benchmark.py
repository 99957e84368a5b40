"""Figures of an account beside one that only holds: how much of its result is the market's.

``returns`` and ``held`` are float64[D], simple returns of the same days; ``risk_free`` is per day. A figure that they cannot tell is nan.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def beta(returns: Floats, held: Floats) -> float:
    """Return cov(r, h) / var(h): how much the account moves when holding moves by 1."""
    if len(held) < 2:
        return math.nan
    apart = held - held.mean()
    variance = float((apart**2).mean())
    return float((apart * (returns - returns.mean())).mean()) / variance if variance > 0.0 else math.nan


def alpha(returns: Floats, held: Floats, days_per_year: float, risk_free: float = 0.0) -> float:
    """Return (1 + mean((r - rf) - beta (h - rf)))^days_per_year - 1: the yearly growth that holding does not explain (Jensen)."""
    slope = beta(returns, held)
    if math.isnan(slope):
        return math.nan
    unexplained = float(((returns - risk_free) - slope * (held - risk_free)).mean())
    return math.expm1(days_per_year * math.log1p(unexplained)) if unexplained > -1.0 else math.nan


def correlation(returns: Floats, held: Floats) -> float:
    """Return Pearson's correlation, -1..1."""
    if len(held) < 2:
        return math.nan
    first, second = returns - returns.mean(), held - held.mean()
    spread = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / spread if spread > 0.0 else math.nan


def information_ratio(returns: Floats, held: Floats, days_per_year: float) -> float:
    """Return mean(r - h) / std(r - h, ddof=1) * sqrt(days_per_year)."""
    active = returns - held
    deviation = float(active.std(ddof=1)) if len(active) > 1 else 0.0
    return float(active.mean()) / deviation * math.sqrt(days_per_year) if deviation > 0.0 else math.nan
