"""Figures of daily returns equal empyrical's where both define the same; where they do not, the difference is written down here.

- Value at risk, expected shortfall, tail ratio, alpha, beta: the same.
- Omega: the same where nothing is required of a return; a required one is annual and compounded there, a daily fraction here.
- Sharpe and information ratio: the same numerators and ddof; empyrical's ``excess_sharpe`` is not annualized.
- Steadiness: empyrical's ``stability_of_timeseries``.
- Max drawdown and monthly returns: the same on the same equity, percent here.
- The engine's Sharpe, Sortino and Calmar ratio, volatility and growth: the same on the same returns and year; the engine's are of bars.
"""

import importlib
import warnings
from types import ModuleType

import numpy as np
import pytest

from backtest_engine.metrics import curve_metrics
from reporting.performance import benchmark, daily, performance_of
from tests.reporting.performance.accounts import account, grown

YEAR = 365.25
RANDOM = np.random.Generator(np.random.PCG64(11))
RETURNS = RANDOM.standard_t(4, 400) * 0.01 + 0.0005
HELD = 0.4 * RETURNS + RANDOM.standard_normal(400) * 0.02


@pytest.fixture(scope="module")
def empyrical() -> ModuleType:
    """Return the package; what warns while it is imported is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("empyrical")


def test_tails_are_empyricals(empyrical: ModuleType) -> None:
    assert daily.value_at_risk(RETURNS) == pytest.approx(empyrical.value_at_risk(RETURNS), rel=1e-12)
    assert daily.expected_shortfall(RETURNS) == pytest.approx(empyrical.conditional_value_at_risk(RETURNS), rel=1e-12)
    assert daily.tail_ratio(RETURNS) == pytest.approx(empyrical.tail_ratio(RETURNS), rel=1e-12)


def test_ratios_are_empyricals(empyrical: ModuleType) -> None:
    free = 0.0001
    sharpe = empyrical.sharpe_ratio(RETURNS, risk_free=free, annualization=YEAR)
    assert daily.sharpe_ratio(RETURNS, YEAR, free) == pytest.approx(sharpe, rel=1e-12)
    assert daily.omega_ratio(RETURNS, free) == pytest.approx(empyrical.omega_ratio(RETURNS, risk_free=free), rel=1e-12)
    information = empyrical.excess_sharpe(RETURNS, HELD) * np.sqrt(YEAR)
    assert benchmark.information_ratio(RETURNS, HELD, YEAR) == pytest.approx(information, rel=1e-12)
    assert daily.growth_steadiness(RETURNS) == pytest.approx(empyrical.stability_of_timeseries(RETURNS), rel=1e-9)


def test_alpha_and_beta_are_empyricals(empyrical: ModuleType) -> None:
    free = 0.0001
    alpha, beta = empyrical.alpha_beta(RETURNS, HELD, risk_free=free, annualization=YEAR)
    assert benchmark.beta(RETURNS, HELD) == pytest.approx(beta, rel=1e-12)
    assert benchmark.alpha(RETURNS, HELD, YEAR, free) == pytest.approx(alpha, rel=1e-12)


def test_deepest_drawdown_is_empyricals(empyrical: ModuleType) -> None:
    found = performance_of(account(grown(RETURNS)))
    assert found.drawdowns[0].depth == pytest.approx(100 * empyrical.max_drawdown(RETURNS), rel=1e-12)


def test_months_are_empyricals(empyrical: ModuleType) -> None:
    import pandas as pd

    found = performance_of(account(grown(RETURNS)))
    days = pd.date_range("2024-01-02", periods=len(RETURNS), freq="D")
    expected = empyrical.aggregate_returns(pd.Series(RETURNS, days), "monthly")
    assert [value for _, value in found.months] == pytest.approx((100 * expected).to_list(), rel=1e-9)
    assert [name for name, _ in found.months] == [f"{year}-{month:02d}" for year, month in expected.index]


def test_the_engines_ratios_are_empyricals_on_the_same_returns(empyrical: ModuleType) -> None:
    found = curve_metrics(grown(RETURNS), YEAR)
    assert found.sharpe_ratio == pytest.approx(empyrical.sharpe_ratio(RETURNS, annualization=YEAR), rel=1e-9)
    assert found.sortino_ratio == pytest.approx(empyrical.sortino_ratio(RETURNS, annualization=YEAR), rel=1e-9)
    assert found.volatility == pytest.approx(100 * empyrical.annual_volatility(RETURNS, annualization=YEAR), rel=1e-9)
    assert found.max_drawdown == pytest.approx(100 * empyrical.max_drawdown(RETURNS), rel=1e-9)
    assert found.return_pct == pytest.approx(100 * empyrical.cum_returns_final(RETURNS), rel=1e-9)
    assert found.cagr == pytest.approx(100 * empyrical.cagr(RETURNS, annualization=YEAR), rel=1e-9)
    assert found.calmar_ratio == pytest.approx(empyrical.calmar_ratio(RETURNS, annualization=YEAR), rel=1e-9)
