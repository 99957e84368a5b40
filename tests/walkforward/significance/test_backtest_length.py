"""Minimum backtest length: the paper's example, its inverse, and noise that behaves as it says."""

import math

import numpy as np
import pytest

from core.errors import StatisticsError
from walkforward.significance.backtest_length import minimum_backtest_years, sharpe_expected_from_noise
from walkforward.significance.expected_maximum import expected_maximum_approximation


def test_five_years_carry_at_most_45_trials() -> None:
    assert minimum_backtest_years(45, 1.0, expected_maximum_approximation) == pytest.approx(4.998, abs=5e-4)
    assert minimum_backtest_years(45, 1.0) == pytest.approx(4.874, abs=5e-4)


@pytest.mark.parametrize("trials", [5, 45, 1000])
def test_length_stays_below_its_published_bound(trials: int) -> None:
    for sharpe in (0.5, 1.0, 2.0):
        assert minimum_backtest_years(trials, sharpe) < 2 * math.log(trials) / sharpe**2


def test_noise_of_that_length_is_expected_to_show_that_ratio() -> None:
    for trials, sharpe in ((2, 0.5), (150, 1.0), (350, 2.0)):
        assert sharpe_expected_from_noise(trials, minimum_backtest_years(trials, sharpe)) == pytest.approx(sharpe)


def test_best_of_noise_is_as_good_as_expected() -> None:
    generator = np.random.default_rng(4)
    best = []
    for _ in range(60):
        returns = generator.normal(size=(365, 50))
        best.append((returns.mean(axis=0) / returns.std(axis=0, ddof=1)).max() * math.sqrt(365))
    assert np.mean(best) == pytest.approx(sharpe_expected_from_noise(50, 1.0), rel=0.08)


def test_what_cannot_be_said_says_why() -> None:
    with pytest.raises(StatisticsError, match="not above 0"):
        minimum_backtest_years(10, 0.0)
    with pytest.raises(StatisticsError, match="there is no Sharpe ratio to ask how much history it needs"):
        minimum_backtest_years(10, math.nan)
    with pytest.raises(StatisticsError, match="no history"):
        sharpe_expected_from_noise(10, 0.0)
    with pytest.raises(StatisticsError, match="number of trials"):
        sharpe_expected_from_noise(0, 1.0)
    assert minimum_backtest_years(1, 1.0) == pytest.approx(0.0, abs=1e-12)  # one trial was not selected
