"""Moments: by hand, against scipy, and the reasons there are none."""

import math

import numpy as np
import pytest
from scipy import stats

from core.errors import StatisticsError
from walkforward.significance.moments import Moments, moments_of, sharpe_variance, trial_sharpes


def heavy_tailed(periods: int = 500, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(4, periods) * 0.01 + 0.001


def test_moments_by_hand() -> None:
    moments = moments_of([0.0, 0.0, 0.0, 4.0])
    # mean 1, deviations -1 -1 -1 3: sums of squares 12, of cubes 24, of fourth powers 84; products of neighbours 1 + 1 - 3
    assert moments.periods == 4
    assert moments.mean == 1.0
    assert moments.std == pytest.approx(2.0)
    assert moments.skew == pytest.approx(6 / 3**1.5)
    assert moments.kurtosis == pytest.approx(21 / 9)
    assert moments.autocorrelation == pytest.approx(-1 / 12)
    assert moments.sharpe == pytest.approx(0.5)


def test_moments_are_those_of_scipy() -> None:
    returns = heavy_tailed()
    moments = moments_of(returns)
    assert moments.skew == pytest.approx(stats.skew(returns), rel=1e-12)
    assert moments.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-12)


def test_scale_changes_nothing_but_mean_and_std() -> None:
    returns = heavy_tailed()
    small, large = moments_of(returns * 1e-6), moments_of(returns * 1e6)
    for name in ("skew", "kurtosis", "autocorrelation", "sharpe"):
        assert getattr(small, name) == pytest.approx(getattr(large, name), rel=1e-9)
    assert large.std == pytest.approx(small.std * 1e12)


def test_autocorrelation_of_an_autoregression_is_found() -> None:
    shocks = np.random.default_rng(8).normal(size=20_000)
    series = np.zeros(20_000)
    for t in range(1, 20_000):
        series[t] = 0.4 * series[t - 1] + shocks[t]
    assert moments_of(series).autocorrelation == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(
    ("returns", "reason"),
    [
        ([0.1, 0.2], "too few"),
        ([], "too few"),
        ([0.0, 0.0, 0.0], "all the same"),
        ([0.1] * 50, "all the same"),
        ([0.1, 0.1 + 1e-17, 0.1], "all the same"),
        ([0.1, math.nan, 0.2], "not a finite"),
        ([0.1, math.inf, 0.2], "not a finite"),
        ([0.1, 1e200, 0.2], "not a finite"),
        ([0.0, 1e-200, 0.0], "all the same"),
        ([[0.1, 0.2], [0.3, 0.4]], "not one series"),
    ],
)
def test_unfit_returns_say_why(returns: list[float], reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        moments_of(returns)


@pytest.mark.parametrize("figures", [(1, 0.1, 0.2), (10, 0.1, 0.0), (10, 0.1, math.nan), (10, 0.1, 0.2, 0.0, 3.0, 1.0)])
def test_moments_without_a_ratio_are_none(figures: tuple[float, ...]) -> None:
    with pytest.raises(StatisticsError, match="no Sharpe ratio"):
        Moments(*figures)  # type: ignore[arg-type]


def test_dictionary_holds_what_the_moments_are() -> None:
    assert Moments(10, 0.1, 0.2).as_dict() == {
        "periods": 10,
        "mean": 0.1,
        "std": 0.2,
        "skew": 0.0,
        "kurtosis": 3.0,
        "autocorrelation": 0.0,
    }


def test_sharpe_of_each_trial_is_that_of_its_own_series() -> None:
    matrix = np.random.default_rng(1).normal(0.1, 1.0, (60, 4))
    matrix[:, 2] = 0.03  # a trial without a trade, but for rounding
    sharpes = trial_sharpes(matrix)
    assert math.isnan(sharpes[2])
    for column in (0, 1, 3):
        assert sharpes[column] == pytest.approx(moments_of(matrix[:, column]).sharpe, rel=1e-12)
    assert sharpe_variance(sharpes) == pytest.approx(np.var(sharpes[[0, 1, 3]], ddof=1))


def test_variance_among_trials_needs_two_that_change() -> None:
    matrix = np.zeros((10, 3))
    matrix[:, 1] = np.arange(10.0)
    with pytest.raises(StatisticsError, match="1 of 3 trials"):
        sharpe_variance(trial_sharpes(matrix))
    with pytest.raises(StatisticsError, match="2 days"):
        trial_sharpes(matrix[:2])
