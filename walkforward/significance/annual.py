"""From a Sharpe ratio per period to one per year where neighbouring returns resemble each other.

Source: Lo (2002), "The Statistics of Sharpe Ratios", Financial Analysts Journal 58(4), eq. 20 for returns that follow an AR(1).
"""

import math

from core.errors import StatisticsError


def annual_factor(periods_per_year: float, autocorrelation: float = 0.0) -> float:
    """Return the factor from a per-period to an annual Sharpe ratio: sqrt(q) / sqrt(1 + 2 rho/(1-rho) (1 - (1-rho^q)/(q (1-rho)))).

    q = ``periods_per_year`` >= 1, rho = ``autocorrelation`` of neighbours in (-1, 1); without one it is sqrt(q). With a positive one
    sqrt(q) flatters: gains follow gains, so that years differ more than days suggest. StatisticsError outside those ranges.
    """
    q, rho = periods_per_year, autocorrelation
    if not (math.isfinite(q) and q >= 1):
        raise StatisticsError(f"{q:g} periods per year are less than one")
    if not -1 < rho < 1:
        raise StatisticsError(f"an autocorrelation of {rho:g} is not between -1 and 1")
    if rho < 0:
        q = float(round(q))  # a power of a negative number is one of whole periods
    return math.sqrt(q / (1 + 2 * rho / (1 - rho) * (1 - (1 - rho**q) / (q * (1 - rho)))))
