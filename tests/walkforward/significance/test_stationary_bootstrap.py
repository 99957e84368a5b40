"""Drawn histories are stretches of the real one, of the length asked for, and their means swing as the formula says."""

import math

import numpy as np
import pytest
from arch.bootstrap import optimal_block_length

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats as Matrix
from walkforward.significance.stationary_bootstrap import (
    BATCH,
    common_block,
    long_run_variances,
    optimal_blocks,
    resampled_means,
    stationary_indices,
)


def autoregressive(phi: float, periods: int, columns: int, seed: int) -> Matrix:
    shocks = np.random.default_rng(seed).standard_normal((periods, columns))
    for day in range(1, periods):
        shocks[day] += phi * shocks[day - 1]
    return shocks


def rows(periods: int, block: float, resamples: int, seed: int) -> "np.ndarray[tuple[int, int], np.dtype[np.int64]]":
    return np.concatenate(list(stationary_indices(periods, block, resamples, seed)))


@pytest.mark.parametrize("block", [1.0, 2.5, 10.0, 50.0])
def test_histories_are_stretches_of_the_mean_length_asked_for(block: float) -> None:
    drawn = rows(50, block, 2000, 7)
    assert drawn.shape == (2000, 50)
    assert drawn.min() == 0
    assert drawn.max() == 49
    follows = (drawn[:, 1:] == (drawn[:, :-1] + 1) % 50).mean()
    expected = 1 - 1 / block + 1 / (50 * block)  # a new stretch may begin at the next day by chance
    assert follows == pytest.approx(expected, abs=4 * math.sqrt(0.25 / drawn.size) + 1e-3)


def test_every_day_is_drawn_equally_often() -> None:
    drawn = rows(40, 6.0, 5000, 1)
    shares = np.bincount(drawn.ravel(), minlength=40) / drawn.size
    assert shares == pytest.approx(1 / 40, rel=0.06)


def test_seed_decides_every_history() -> None:
    first, again, other = rows(30, 4.0, BATCH + 3, 1), rows(30, 4.0, BATCH + 3, 1), rows(30, 4.0, BATCH + 3, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert len(np.unique(first, axis=0)) == BATCH + 3  # the second batch does not begin anew


def test_means_are_those_of_the_drawn_days() -> None:
    matrix = np.random.default_rng(3).standard_normal((60, 4))
    means = np.concatenate(list(resampled_means(matrix, 5.0, BATCH + 9, 11)))
    assert means == pytest.approx(matrix[rows(60, 5.0, BATCH + 9, 11)].mean(axis=1), abs=1e-12)


@pytest.mark.parametrize("block", [1.0, 3.0, 12.5])
def test_long_run_variance_is_the_kernel_sum_over_all_lags(block: float) -> None:
    matrix = autoregressive(0.6, 80, 3, 5)
    centred, chance = matrix - matrix.mean(axis=0), 1 / block
    expected = (centred**2).sum(axis=0) / 80
    for lag in range(1, 80):
        kernel = (1 - lag / 80) * (1 - chance) ** lag + lag / 80 * (1 - chance) ** (80 - lag)
        expected += 2 * kernel * (centred[lag:] * centred[:-lag]).sum(axis=0) / 80
    assert long_run_variances(matrix, block) == pytest.approx(expected, rel=1e-9)


def test_long_run_variance_is_that_of_the_drawn_means() -> None:
    matrix = autoregressive(0.5, 100, 3, 2)
    means = np.concatenate(list(resampled_means(matrix, 6.0, 6000, 4)))
    assert 100 * means.var(axis=0) == pytest.approx(long_run_variances(matrix, 6.0), rel=0.08)


@pytest.mark.parametrize("phi", [-0.5, 0.0, 0.3, 0.8])
@pytest.mark.parametrize("periods", [365, 1096])
def test_block_length_is_the_one_of_arch(phi: float, periods: int) -> None:
    # arch divides a lag's covariance by the variance of the days it overlaps, not of all: of a month of days it may stop at another lag
    matrix = autoregressive(phi, periods, 6, 8)
    assert optimal_blocks(matrix) == pytest.approx(optimal_block_length(matrix)["stationary"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("phi", [0.3, 0.5, 0.7])
def test_block_length_is_the_closed_form_of_an_autoregression(phi: float) -> None:
    # sum |k| phi^|k| = 2 phi / (1 - phi)^2 and sum phi^|k| = (1 + phi) / (1 - phi); published: within 10 % on average
    exact = (2 * phi / (1 - phi**2)) ** (2 / 3) * 10_000 ** (1 / 3)
    assert optimal_blocks(autoregressive(phi, 10_000, 16, 1)).mean() == pytest.approx(exact, rel=0.1)


def test_blocks_grow_with_dependence_and_one_length_serves_all_columns() -> None:
    calm, clustered = autoregressive(0.0, 500, 5, 1), autoregressive(0.9, 500, 5, 1)
    assert common_block(clustered) > 3 * common_block(calm)
    assert common_block(clustered) == np.median(optimal_blocks(clustered))
    silent = np.column_stack([clustered, np.zeros(500)])
    assert common_block(silent) == common_block(clustered)


@pytest.mark.parametrize(
    ("matrix", "reason"),
    [
        (np.ones((19, 2)), "19 days are too few"),
        (np.ones((50, 2)), "never change"),
        (np.full((50, 2), 0.1), "never change"),
        (np.full((50, 2), math.nan), "finite"),
        (np.ones(50), "finite numbers in 2"),
    ],
)
def test_returns_that_have_no_block_length_say_why(matrix: Matrix, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        common_block(matrix)


@pytest.mark.parametrize("block", [0.5, 51.0, math.nan, math.inf])
def test_block_that_does_not_fit_is_refused(block: float) -> None:
    with pytest.raises(StatisticsError, match="does not fit 50 days"):
        list(stationary_indices(50, block, 10, 1))


def test_at_least_one_history_is_drawn() -> None:
    with pytest.raises(StatisticsError, match="at least one"):
        list(stationary_indices(50, 2.0, 0, 1))
