"""Probabilistic Sharpe ratio: the published numbers of both conventions, and what each of them responds to."""

import math

import numpy as np
import pytest

from core.errors import StatisticsError
from walkforward.significance.moments import Moments, moments_of
from walkforward.significance.probabilistic_sharpe import (
    deviation_autocorrelated,
    probabilistic_sharpe,
    probabilistic_sharpe_autocorrelated,
    probabilistic_sharpe_robust,
    spread_at,
    standard_error,
)

# The hedge fund example of both papers: 24 months of mean 3.6 %, standard deviation 7.9 %.
EXAMPLE = Moments(24, 0.036, 0.079, skew=-2.448, kurtosis=10.164)


def autoregression(rho: float, periods: int, seed: int, mean: float = 0.0) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=periods)
    series = np.zeros(periods)
    for t in range(1, periods):
        series[t] = rho * series[t - 1] + shocks[t]
    return series + mean


@pytest.mark.parametrize(("skew", "kurtosis", "published"), [(0.0, 3.0, 0.98167), (-2.448, 10.164, 0.91336)])
def test_published_probabilities_of_2012(skew: float, kurtosis: float, published: float) -> None:
    assert probabilistic_sharpe(Moments(24, 0.458, 1.0, skew, kurtosis)) == pytest.approx(published, abs=5e-6)


@pytest.mark.parametrize(
    ("sharpe", "skew", "kurtosis", "published"), [(0.7079, -0.2250, 2.9570, 0.1028), (0.8183, -1.4455, 7.0497, 0.1550)]
)
def test_published_standard_errors_of_2012(sharpe: float, skew: float, kurtosis: float, published: float) -> None:
    assert round(standard_error(Moments(134, sharpe, 1.0, skew, kurtosis)), 4) == published


def test_published_numbers_of_2025() -> None:
    assert round(deviation_autocorrelated(EXAMPLE, EXAMPLE.sharpe), 3) == 0.329
    assert round(deviation_autocorrelated(Moments(24, 0.036, 0.079), 0.036 / 0.079), 3) == 0.214
    assert round(probabilistic_sharpe_autocorrelated(EXAMPLE), 3) == 0.987
    assert round(probabilistic_sharpe_autocorrelated(EXAMPLE, 0.1), 3) == 0.939


def test_the_two_conventions_disagree_on_the_published_example_as_documented() -> None:
    assert round(probabilistic_sharpe(EXAMPLE), 2) == 0.91
    assert round(probabilistic_sharpe_autocorrelated(EXAMPLE), 2) == 0.99


def test_a_benchmark_equal_to_the_measured_ratio_is_even_odds() -> None:
    assert probabilistic_sharpe(EXAMPLE, EXAMPLE.sharpe) == 0.5
    assert probabilistic_sharpe_autocorrelated(EXAMPLE, EXAMPLE.sharpe) == 0.5


def test_longer_records_and_lower_benchmarks_are_more_convincing_and_crashes_less() -> None:
    base = probabilistic_sharpe(Moments(100, 0.1, 1.0))
    assert probabilistic_sharpe(Moments(400, 0.1, 1.0)) > base > probabilistic_sharpe(Moments(100, 0.1, 1.0), 0.05)
    assert probabilistic_sharpe(Moments(100, 0.1, 1.0, skew=-2.0)) < base
    assert probabilistic_sharpe(Moments(100, 0.1, 1.0, kurtosis=12.0)) < base
    assert probabilistic_sharpe_autocorrelated(Moments(100, 0.1, 1.0, autocorrelation=0.3)) < base


def test_without_autocorrelation_both_conventions_have_the_same_spread() -> None:
    assert spread_at(EXAMPLE, 0.2) == pytest.approx(1 + 2.448 * 0.2 + 9.164 / 4 * 0.04)
    assert spread_at(EXAMPLE, 0.2, autocorrelation=0.5) == pytest.approx(3 + (2 + 1 / 3) * 2.448 * 0.2 + (1 + 2 / 3) * 9.164 / 4 * 0.04)


def test_robust_spread_without_lags_is_that_of_independent_returns() -> None:
    returns = np.random.default_rng(5).standard_t(5, 300) * 0.01 + 0.0012
    moments = moments_of(returns)
    ratio = moments.mean / float(np.std(returns))  # of ddof 0, as the moments are
    expected = moments.sharpe / math.sqrt(spread_at(moments, ratio) / moments.periods)
    deviates = 0.5 * math.erfc(-expected / math.sqrt(2))
    assert probabilistic_sharpe_robust(returns, lags=0) == pytest.approx(deviates, rel=1e-9)


def test_robust_and_autoregressive_error_agree_on_an_autoregression_and_the_plain_one_is_too_sure() -> None:
    returns = autoregression(0.4, 4_000, seed=2, mean=0.05)
    moments = moments_of(returns)
    plain = probabilistic_sharpe(moments)
    assert probabilistic_sharpe_autocorrelated(moments) == pytest.approx(probabilistic_sharpe_robust(returns, lags=20), abs=0.02)
    assert plain > probabilistic_sharpe_autocorrelated(moments) + 0.01


def test_false_alarms_are_as_frequent_as_promised_only_where_autocorrelation_is_known() -> None:
    series = [autoregression(0.4, 300, seed) for seed in range(300)]
    plain = np.mean([probabilistic_sharpe(moments_of(returns)) > 0.95 for returns in series])
    aware = np.mean([probabilistic_sharpe_autocorrelated(moments_of(returns)) > 0.95 for returns in series])
    assert aware < 0.09
    assert plain > 0.11


@pytest.mark.parametrize("returns", [[0.1, 0.2], [0.0] * 9])
def test_unfit_returns_say_why(returns: list[float]) -> None:
    with pytest.raises(StatisticsError):
        probabilistic_sharpe_robust(returns)


def test_lags_are_not_fewer_than_none() -> None:
    with pytest.raises(StatisticsError, match="-1 lags"):
        probabilistic_sharpe_robust([0.1, 0.2, 0.3], lags=-1)
    assert 0 < probabilistic_sharpe_robust([0.1, -0.2, 0.3], lags=50) < 1  # as many as there are


def test_returns_of_two_values_may_leave_no_error_to_estimate() -> None:
    with pytest.raises(StatisticsError, match="cannot be estimated"):
        standard_error(Moments(10, 2 / 3, 1.0, skew=3.0, kurtosis=10.0))  # (1 - 1.5 SR)² is 0 at 2/3
