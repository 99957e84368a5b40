"""Figures of the closed trades, from the engine's table of them. What too few trades cannot tell is ``nan``."""

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def payoff_ratio(net: Floats) -> float:
    """Return the average net P&L of the winners over the average loss of the losers; ``net`` float64[n], quote."""
    wins, losses = net[net > 0.0], net[net <= 0.0]
    if not len(wins) or not len(losses) or losses.mean() == 0.0:
        return math.nan
    return float(wins.mean() / -losses.mean())


def system_quality(net: Floats) -> float:
    """Return sqrt(n) * mean / std (ddof=1) of the trades' net P&L (Tharp's SQN, without his limit of 100 trades)."""
    if len(net) < 2:
        return math.nan
    deviation = float(net.std(ddof=1))
    return math.sqrt(len(net)) * float(net.mean()) / deviation if deviation > 1e-14 * float(np.abs(net).max()) else math.nan


def turnover(trades: pl.DataFrame, equity: Floats, years: float) -> float:
    """Return how many times a year the average equity was bought or sold: sum of quantity * price of entries and exits."""
    average = float(equity.mean())
    if years <= 0.0 or average <= 0.0:
        return math.nan
    traded = (trades["qty"] * (trades["avg_entry"] + trades["exit_price"])).sum()
    return float(traded) / average / years


def median_or_nan(values: NDArray[np.generic]) -> float:
    """Return the median, nan of nothing."""
    return float(np.median(values.astype(np.float64))) if len(values) else math.nan


def mean_or_nan(values: NDArray[np.generic]) -> float:
    """Return the mean, nan of nothing."""
    return float(values.mean()) if len(values) else math.nan


def most_or_nan(values: NDArray[np.generic]) -> float:
    """Return the largest, nan of nothing."""
    return float(values.max()) if len(values) else math.nan


def least_or_nan(values: NDArray[np.generic]) -> float:
    """Return the smallest, nan of nothing."""
    return float(values.min()) if len(values) else math.nan
