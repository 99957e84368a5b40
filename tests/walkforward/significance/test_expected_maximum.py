"""The largest of N normal numbers: closed forms, the published approximation, and a simulation."""

import math

import numpy as np
import pytest
from holdout.deflated import expected_maximum_normal

from core.errors import StatisticsError
from walkforward.significance.expected_maximum import deviation_of_maximum, expected_maximum, expected_maximum_approximation


@pytest.mark.parametrize(
    ("count", "published"),
    [(2, 0.5198), (5, 1.1926), (10, 1.5746), (45, 2.2356), (50, 2.2763), (100, 2.5306), (1000, 3.2551), (10_000, 3.8607)],
)
def test_published_values_of_the_approximation(count: float, published: float) -> None:
    assert round(expected_maximum_approximation(count), 4) == published


def test_closed_forms_of_the_exact_value() -> None:
    assert expected_maximum(1) == pytest.approx(0.0, abs=1e-12)
    assert expected_maximum(2) == pytest.approx(1 / math.sqrt(math.pi), abs=1e-12)
    assert expected_maximum(3) == pytest.approx(1.5 / math.sqrt(math.pi), abs=1e-12)
    assert expected_maximum(5) == pytest.approx(5 / (4 * math.sqrt(math.pi)) * (1 + 6 / math.pi * math.asin(1 / 3)), abs=1e-12)
    assert deviation_of_maximum(1) == pytest.approx(1.0, abs=1e-12)
    assert deviation_of_maximum(2) == pytest.approx(math.sqrt(1 - 1 / math.pi), abs=1e-12)


@pytest.mark.parametrize("count", [7, 350, 100_000])
def test_exact_value_is_that_of_holdout(count: int) -> None:
    assert expected_maximum(count) == pytest.approx(expected_maximum_normal(count), abs=1e-9)


def test_simulation_agrees() -> None:
    largest = np.random.default_rng(1).normal(size=(20_000, 20)).max(axis=1)
    assert expected_maximum(20) == pytest.approx(largest.mean(), abs=0.015)
    assert deviation_of_maximum(20) == pytest.approx(largest.std(), abs=0.015)


def test_more_trials_are_luckier_and_fractions_lie_between() -> None:
    values = [expected_maximum(count) for count in (1, 1.01, 1.5, 2, 2.5, 3, 30, 30.5, 31, 1e3, 1e6, 1e9, 1e12)]
    assert values == sorted(values)
    assert len(set(values)) == len(values)


def test_approximation_is_within_its_documented_error() -> None:
    assert expected_maximum_approximation(2) / expected_maximum(2) == pytest.approx(0.92, abs=0.005)
    for count in (5, 10, 20, 50):
        assert 1.01 < expected_maximum_approximation(count) / expected_maximum(count) < 1.03
    assert expected_maximum_approximation(1e9) == pytest.approx(expected_maximum(1e9), rel=1e-3)


@pytest.mark.parametrize("count", [0.99, 0, -1, math.nan, math.inf])
def test_less_than_one_trial_is_refused(count: float) -> None:
    for function in (expected_maximum, deviation_of_maximum, expected_maximum_approximation):
        with pytest.raises(StatisticsError, match="number of trials"):
            function(count)


def test_approximation_is_refused_where_it_falls_to_minus_infinity() -> None:
    with pytest.raises(StatisticsError):
        expected_maximum_approximation(1.5)
