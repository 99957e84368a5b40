"""BCa intervals: the ends are scipy's for the same draws, they cover as often as they claim, and blocks widen them where days depend."""

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from core.errors import StatisticsError
from walkforward.significance.intervals import Interval, bca_limits, drawdown_interval, profit_factor_interval, sharpe_interval
from walkforward.significance.stationary_bootstrap import stationary_indices

Floats = NDArray[np.float64]


def noise(periods: int, seed: int, mean: float = 0.0) -> Floats:
    return np.random.default_rng(seed).standard_normal(periods) * 0.01 + mean


def sharpe(rows: Floats, axis: int) -> Floats:
    return np.asarray(rows.mean(axis=axis) / rows.std(axis=axis, ddof=1))


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_ends_are_those_of_scipy_for_the_same_draws(level: float) -> None:
    values = np.random.default_rng(4).exponential(size=60) - 0.7  # skewed: bias and acceleration both matter
    peer = stats.bootstrap((values,), sharpe, confidence_level=level, n_resamples=999, method="BCa", rng=np.random.default_rng(1))
    left_out = np.array([sharpe(np.delete(values, day), 0) for day in range(60)])
    ends = bca_limits(float(sharpe(values, 0)), peer.bootstrap_distribution, left_out, level)
    assert ends == pytest.approx(tuple(peer.confidence_interval), rel=1e-12)


def test_interval_of_days_drawn_one_by_one_is_scipys() -> None:
    values = noise(250, 5, 0.0005)
    ours = sharpe_interval(values, 4000, 1, 0.9, block=1.0)
    peer = stats.bootstrap((values,), sharpe, confidence_level=0.9, n_resamples=4000, method="BCa", rng=np.random.default_rng(2))
    assert (ours.low, ours.high) == pytest.approx(tuple(peer.confidence_interval), abs=0.01)
    assert ours.value == pytest.approx(float(sharpe(values, 0)), rel=1e-12)


def test_ninety_percent_interval_covers_the_truth_about_nine_times_in_ten() -> None:
    inside = 0
    for seed in range(200):
        interval = sharpe_interval(noise(120, seed, 0.001), 300, seed, 0.9, block=1.0)
        inside += interval.low <= 0.1 <= interval.high
    assert 0.84 <= inside / 200 <= 0.96


def test_days_that_depend_on_each_other_widen_the_interval() -> None:
    values = noise(600, 3)
    for day in range(1, 600):
        values[day] += 0.6 * values[day - 1]
    one_by_one, in_blocks = sharpe_interval(values, 1000, 1, block=1.0), sharpe_interval(values, 1000, 1)
    assert in_blocks.block > 5
    # an autocorrelation of 0.6 makes means swing sqrt((1 + 0.6) / (1 - 0.6)) = 2 times as far
    assert 1.5 < (in_blocks.high - in_blocks.low) / (one_by_one.high - one_by_one.low) < 2.5


@pytest.mark.parametrize("block", [1, 4, 9])
def test_acceleration_shifts_the_ends_as_the_formula_says(block: int) -> None:
    normal = NormalDist()
    drawn = np.array([normal.inv_cdf((place + 0.5) / 20_000) for place in range(20_000)])
    left_out = -np.append(np.zeros(99), 1.0)  # deviations of -0.01, and one of 0.99
    acceleration = math.sqrt(block) * (0.99**3 - 99 * 0.01**3) / (6 * (0.99**2 + 99 * 0.01**2) ** 1.5)
    z = normal.inv_cdf(0.75)
    expected = -z / (1 + acceleration * z), z / (1 - acceleration * z)
    assert bca_limits(0.0, drawn, left_out, 0.5, block) == pytest.approx(expected, rel=1e-3)


def test_draws_equal_to_the_real_history_count_for_either_side() -> None:
    drawn, left_out = np.repeat([-1.0, 0.0, 1.0], 100), np.array([-1.0, 0.0, 1.0])
    assert bca_limits(0.0, drawn, left_out, 0.5) == (-1.0, 1.0)


def test_what_is_left_out_at_a_time_is_as_long_as_what_is_drawn_in_a_row() -> None:
    pnls, block = np.random.default_rng(6).exponential(size=40) - 0.6, 3.5
    drawn = np.concatenate([factors(pnls[rows]) for rows in stationary_indices(40, block, 500, 7)])
    left_out = np.array([factors(np.roll(pnls, -day)[4:]) for day in range(40)])
    found = profit_factor_interval(pnls, 500, 7, 0.9, block)
    assert (found.low, found.high) == pytest.approx(bca_limits(float(factors(pnls)), drawn, left_out, 0.9, 4), rel=1e-12)


def factors(rows: Floats) -> Floats:
    return np.asarray(np.where(rows > 0, rows, 0).sum(axis=-1) / -np.where(rows < 0, rows, 0).sum(axis=-1))


def test_drawdown_and_profit_factor_lie_in_their_intervals_and_within_bounds() -> None:
    drawdown = drawdown_interval(noise(365, 8, 0.0005), 800, 1)
    assert -1 <= drawdown.low < drawdown.value < drawdown.high < 0
    factor = profit_factor_interval(noise(150, 9, 0.002), 800, 1)
    assert 0 < factor.low < factor.value < factor.high
    assert factor.block == 1.0


def test_profit_factor_and_drawdown_are_those_of_the_real_history() -> None:
    pnls = np.array([3.0, -1.0, 2.0, -2.0, 1.0, -1.0, 4.0, -3.0, 2.0, -1.0, 1.0, -2.0])
    assert profit_factor_interval(pnls, 200, 1).value == pytest.approx(13 / 10)
    returns = np.tile([0.1, -0.05], 15)
    returns[10:13] = [-0.2, -0.1, 0.0]
    expected = float((np.cumprod(1 + returns) / np.maximum.accumulate(np.cumprod(1 + returns)) - 1).min())
    assert drawdown_interval(returns, 200, 1).value == pytest.approx(expected)


@pytest.mark.parametrize("interval", [sharpe_interval, drawdown_interval, profit_factor_interval])
def test_seed_decides_the_interval_and_more_confidence_widens_it(interval: Callable[..., Interval]) -> None:
    values = noise(200, 10)
    narrow, again, wide = interval(values, 400, 1, 0.8), interval(values, 400, 1, 0.8), interval(values, 400, 1, 0.99)
    assert narrow.as_dict() == again.as_dict()
    assert wide.low < narrow.low < narrow.high < wide.high


FEW_DAYS = np.zeros(300)
FEW_DAYS[[40, 200]] = 0.02, -0.01


@pytest.mark.parametrize(
    ("interval", "values", "reason"),
    [
        (sharpe_interval, np.zeros(100), "never change"),
        (sharpe_interval, np.full(100, 0.1), "never change"),
        (sharpe_interval, noise(19, 1), "19 days are too few"),
        (sharpe_interval, np.append(noise(50, 1), math.nan), "finite"),
        (sharpe_interval, FEW_DAYS, r"of 400 drawn histories have not even a day on which"),
        (drawdown_interval, np.abs(noise(100, 1)), "No day lost"),
        (drawdown_interval, np.zeros(100), "never change"),
        (profit_factor_interval, np.array([1.0, -1.0]), "2 trades are too few"),
        (profit_factor_interval, np.zeros(0), "0 trades are too few"),
        (profit_factor_interval, np.ones(20), "winners and losers"),
        (profit_factor_interval, -np.ones(20), "winners and losers"),
        (profit_factor_interval, np.append(np.ones(20), -1.0), "have not even a losing trade"),
        (profit_factor_interval, np.append(np.ones(20), math.inf), "finite"),
    ],
)
def test_figure_that_has_no_interval_says_why(interval: Callable[..., Interval], values: Floats, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        interval(values, 400, 1)


@pytest.mark.parametrize(
    ("drawn", "left_out", "level", "reason"),
    [
        (np.ones(10) + 1, np.arange(10.0), 0.9, "same side"),
        (np.arange(10.0) - 4.5, np.ones(10), 0.9, "stays the same"),
        (np.arange(10.0) - 4.5, np.arange(10.0), 1.0, "confidence of 1.0"),
        (np.arange(1000.0) - 990, np.append(np.zeros(1000), -1.0), 0.9999, "So few days"),
    ],
)
def test_draws_without_information_say_so(drawn: Floats, left_out: Floats, level: float, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        bca_limits(1.0, drawn, left_out, level)
