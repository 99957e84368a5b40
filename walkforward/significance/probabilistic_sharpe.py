"""Probabilistic Sharpe ratio: how sure a measured Sharpe ratio makes one that the true one is above a benchmark.

Two conventions exist, and on one published example (24 months, skew -2.4, kurtosis 10) they say 0.913 and 0.987, so a figure names its own:
"2012", the gate's: standard error at the measured ratio, T - 1 (Bailey and López de Prado 2012, "The Sharpe Ratio Efficient Frontier").
"2025": standard error at the benchmark, T, returns that follow an AR(1) (López de Prado, Lipton and Zoonekynd 2025, SSRN 5520741).
A third, of no assumed form, measures the long-run variance (Newey and West 1987; Lo 2002, "The Statistics of Sharpe Ratios").
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StatisticsError
from walkforward.significance import normal
from walkforward.significance.expected_maximum import deviation_of_maximum
from walkforward.significance.inputs import checked_returns
from walkforward.significance.moments import Moments

CONVENTION = "2012: standard error at the measured Sharpe ratio, T - 1, independent returns"
_FEWEST = 3


def probabilistic_sharpe(moments: Moments, benchmark: float = 0.0) -> float:
    """Return P(true Sharpe > ``benchmark``) in [0, 1]; both per period. Convention 2012: Z[(SR - SR*) / ``standard_error``]."""
    return normal.cdf((moments.sharpe - benchmark) / standard_error(moments))


def standard_error(moments: Moments) -> float:
    """Return sqrt((1 - g3 SR + (g4-1)/4 SR²) / (T-1)), g3 the skew and g4 the raw kurtosis: the Sharpe ratio's error, per period.

    StatisticsError where the term is not positive: only returns of two values have it at 0.
    """
    return math.sqrt(_positive(spread_at(moments, moments.sharpe)) / (moments.periods - 1))


def spread_at(moments: Moments, sharpe: float, *, autocorrelation: float = 0.0) -> float:
    """Return the variance of a Sharpe ratio estimate times the number of periods, were the true one ``sharpe`` (per period).

    a - b g3 SR + c (g4-1)/4 SR², where a = 1 + 2 rho/(1-rho), b = 1 + rho/(1-rho) + rho²/(1-rho²) and c = 1 + 2 rho²/(1-rho²), rho being
    the ``autocorrelation``.
    """
    rho = autocorrelation
    a = 1 + 2 * rho / (1 - rho)
    b = 1 + rho / (1 - rho) + rho**2 / (1 - rho**2)
    c = 1 + 2 * rho**2 / (1 - rho**2)
    return a - b * moments.skew * sharpe + c * (moments.kurtosis - 1) / 4 * sharpe**2


def probabilistic_sharpe_autocorrelated(moments: Moments, benchmark: float = 0.0, trials: float = 1.0) -> float:
    """Return P(true Sharpe > ``benchmark``) in [0, 1] where neighbouring returns resemble each other. Convention 2025.

    Z[(SR - SR*) / ``deviation_autocorrelated`` at SR*]. StatisticsError as there.
    """
    return normal.cdf((moments.sharpe - benchmark) / deviation_autocorrelated(moments, benchmark, trials))


def deviation_autocorrelated(moments: Moments, sharpe: float, trials: float = 1.0) -> float:
    """Return the standard deviation of a Sharpe ratio estimate were the true one ``sharpe``, per period, convention 2025.

    sqrt(``spread_at`` / T), times the standard deviation of the largest of ``trials`` normals where the series is the best of so many.
    StatisticsError where the spread is not positive.
    """
    spread = _positive(spread_at(moments, sharpe, autocorrelation=moments.autocorrelation))
    return math.sqrt(spread / moments.periods) * deviation_of_maximum(trials)


def probabilistic_sharpe_robust(returns: ArrayLike, benchmark: float = 0.0, lags: int | None = None) -> float:
    """Return P(true Sharpe > ``benchmark``) in [0, 1] for float64[T] ``returns`` of any autocorrelation and changing volatility.

    Z[(SR - SR*) / sqrt(L/T)], L the long-run variance of ψ = z - SR (z² - 1)/2 with z = (r - mean)/s: its own variance and twice its
    autocovariances up to ``lags``, weighted 1 - k/(lags + 1). ``lags`` by default 4 (T/100)^(2/9), rounded down; 0 treats days as
    independent. StatisticsError: unfit returns, fewer lags than none, or no variance left.
    """
    if lags is not None and lags < 0:
        raise StatisticsError(f"{lags} lags are fewer than none")
    values = checked_returns(returns, _FEWEST)
    periods = len(values)
    z = (values - np.mean(values)) / np.std(values)
    sharpe = float(np.mean(values) / np.std(values, ddof=1))
    influence = z - float(np.mean(values) / np.std(values)) * (z * z - 1) / 2
    most = min(int(4 * (periods / 100) ** (2 / 9)) if lags is None else lags, periods - 1)
    products = [float(np.sum(influence[k:] * influence[: periods - k])) / periods for k in range(most + 1)]
    long_run = products[0] + 2 * sum((1 - k / (most + 1)) * products[k] for k in range(1, most + 1))
    return normal.cdf((sharpe - benchmark) / math.sqrt(_positive(long_run) / periods))


def _positive(spread: float) -> float:
    if not spread > 1e-12:
        raise StatisticsError(f"the Sharpe ratio's error cannot be estimated from these returns (its variance comes out as {spread:g})")
    return spread
