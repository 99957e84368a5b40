"""One account's figures, each as ``PERFORMANCE_METRICS`` defines it; an undefined one is ``nan``, never 0 or infinity."""

import math

import numpy as np
from numpy.typing import NDArray

from reporting.performance import benchmark, daily
from reporting.performance.account import Account
from reporting.performance.drawdowns import Drawdown, ulcer_index
from reporting.performance.trades import (
    least_or_nan,
    mean_or_nan,
    median_or_nan,
    most_or_nan,
    payoff_ratio,
    system_quality,
    turnover,
)

Floats = NDArray[np.float64]

_MONTHS_PER_YEAR = 12


def return_figures(account: Account, found: list[Drawdown], months: Floats) -> dict[str, float]:
    """Return what equity and market tell of ``account``, which was never lost; ``found`` are its drawdowns, ``months`` its monthly returns.

    Where holding would have lost the whole capital, what compares with it is left out.
    """
    returns = account.daily_returns()
    free = account.risk_free_rate / account.days_per_year
    return {
        **_daily_figures(returns, months, account.days_per_year, free),
        **_drawdown_figures(account, found),
        **({} if account.holding_lost else _benchmark_figures(account, returns, free)),
    }


def _daily_figures(returns: Floats, months: Floats, days_per_year: float, free: float) -> dict[str, float]:
    return {
        "daily_sharpe_ratio": daily.sharpe_ratio(returns, days_per_year, free),
        "omega_ratio": daily.omega_ratio(returns, free),
        "value_at_risk": 100.0 * daily.value_at_risk(returns),
        "expected_shortfall": 100.0 * daily.expected_shortfall(returns),
        "tail_ratio": daily.tail_ratio(returns),
        "skewness": daily.skewness(returns),
        "kurtosis": daily.kurtosis(returns),
        "best_day": 100.0 * most_or_nan(returns),
        "worst_day": 100.0 * least_or_nan(returns),
        "positive_days": 100.0 * mean_or_nan(returns > 0.0),
        "best_month": 100.0 * most_or_nan(months),
        "worst_month": 100.0 * least_or_nan(months),
        "positive_months": 100.0 * mean_or_nan(months > 0.0),
        "growth_steadiness": daily.growth_steadiness(returns),
    }


def _drawdown_figures(account: Account, found: list[Drawdown]) -> dict[str, float]:
    equity = account.equity
    return {
        "ulcer_index": ulcer_index(equity),
        "average_drawdown": mean_or_nan(np.array([each.depth for each in found])),
        "longest_drawdown": most_or_nan(np.array([each.days for each in found])),
        "time_under_water": 100.0 * mean_or_nan(equity < np.maximum.accumulate(equity)),
    }


def _benchmark_figures(account: Account, returns: Floats, free: float) -> dict[str, float]:
    held = account.held_returns()
    total, market = (100.0 * (float(series[-1]) / float(account.equity[0]) - 1.0) for series in (account.equity, account.held))
    return {
        "benchmark_return": market,
        "excess_return": total - market,
        "alpha": 100.0 * benchmark.alpha(returns, held, account.days_per_year, free),
        "beta": benchmark.beta(returns, held),
        "correlation": benchmark.correlation(returns, held),
        "information_ratio": benchmark.information_ratio(returns, held, account.days_per_year),
    }


def trade_figures(account: Account) -> dict[str, float]:
    """Return what the closed trades tell of ``account``."""
    trades = account.trades
    net, held = trades["net_pnl"].to_numpy(), trades["bars_held"].to_numpy()
    return {
        "payoff_ratio": payoff_ratio(net),
        "system_quality": system_quality(net),
        "turnover": math.nan if account.lost else turnover(trades, account.equity, account.years),
        "trades_per_month": len(net) / account.years / _MONTHS_PER_YEAR if account.years > 0.0 else math.nan,
        "best_trade": most_or_nan(net),
        "worst_trade": least_or_nan(net),
        "long_trades": 100.0 * mean_or_nan(trades["direction"].to_numpy() > 0),
        "median_bars_held": median_or_nan(held),
        "longest_bars_held": most_or_nan(held),
        "winners_bars_held": mean_or_nan(held[net > 0.0]),
        "losers_bars_held": mean_or_nan(held[net <= 0.0]),
    }
