"""Minimum backtest length: how much history so many trials need, so that their best is not expected to look good by luck alone.

Source: Bailey, Borwein, López de Prado and Zhu (2014), "Pseudo-Mathematics and Financial Charlatanism", Notices of the AMS 61(5).
"""

import math
from collections.abc import Callable

from core.errors import StatisticsError
from walkforward.significance.expected_maximum import expected_maximum


def minimum_backtest_years(trials: float, sharpe: float, expected: Callable[[float], float] = expected_maximum) -> float:
    """Return (E[max of ``trials`` normals] / ``sharpe``)², years: below it noise alone is expected to show an annual Sharpe of ``sharpe``.

    ``trials`` >= 1 independent ones, ``sharpe`` > 0 per year. ``expected`` is E[max]: exact, or the published approximation.
    StatisticsError outside those ranges.
    """
    if not math.isfinite(sharpe):
        raise StatisticsError("there is no Sharpe ratio to ask how much history it needs")
    if sharpe <= 0:
        raise StatisticsError(f"an annual Sharpe ratio of {sharpe:.4g} is not above 0: no length of history is enough for it")
    return (expected(trials) / sharpe) ** 2


def sharpe_expected_from_noise(trials: float, years: float, expected: Callable[[float], float] = expected_maximum) -> float:
    """Return E[max of ``trials`` normals] / sqrt(``years``): the best annual Sharpe of ``trials`` >= 1 that have no edge at all.

    StatisticsError where ``years`` is not above 0 or ``trials`` below 1.
    """
    if not (math.isfinite(years) and years > 0):
        raise StatisticsError(f"{years:g} years are no history")
    return expected(trials) / math.sqrt(years)
