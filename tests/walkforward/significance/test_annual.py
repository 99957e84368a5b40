"""Annual Sharpe ratios of autocorrelated returns."""

import math

import numpy as np
import pytest
from holdout import serial_correlation_factor

from core.errors import StatisticsError
from walkforward.significance.annual import annual_factor


def test_naive_factor_overstates_an_autoregression_by_47_percent() -> None:
    assert math.sqrt(12) / annual_factor(12, 0.4) == pytest.approx(1.47, abs=0.005)


@pytest.mark.parametrize("rho", [-0.5, -0.1, 0.0, 0.3, 0.9])
@pytest.mark.parametrize("periods", [1, 2, 12, 365])
def test_factor_is_that_of_the_sum_over_all_lags(rho: float, periods: int) -> None:
    lags = np.arange(1, periods)
    summed = periods / math.sqrt(periods + 2 * float(np.sum((periods - lags) * rho**lags)))
    assert annual_factor(periods, rho) == pytest.approx(summed, rel=1e-12)
    if periods > 1:
        assert annual_factor(periods, rho) == pytest.approx(serial_correlation_factor(periods, rho**lags), rel=1e-12)


def test_without_autocorrelation_it_is_the_square_root() -> None:
    assert annual_factor(365.25) == math.sqrt(365.25)


@pytest.mark.parametrize(("periods", "rho"), [(0.5, 0.0), (math.nan, 0.0), (12, 1.0), (12, -1.0), (12, math.nan)])
def test_impossible_input_says_why(periods: float, rho: float) -> None:
    with pytest.raises(StatisticsError):
        annual_factor(periods, rho)
