"""Minimum track record length: published numbers, and that it is the length at which the probability gets there."""

import math

import pytest

from core.errors import StatisticsError
from walkforward.significance.moments import Moments
from walkforward.significance.probabilistic_sharpe import probabilistic_sharpe, probabilistic_sharpe_autocorrelated
from walkforward.significance.track_record import minimum_track_record, minimum_track_record_autocorrelated

EXAMPLE = Moments(24, 0.036, 0.079, skew=-2.448, kurtosis=10.164)


@pytest.mark.parametrize(("sharpe", "skew", "kurtosis", "years"), [(0.7079, -0.2250, 2.9570, 0.7152), (0.8183, -1.4455, 7.0497, 1.1593)])
def test_published_lengths_of_2012(sharpe: float, skew: float, kurtosis: float, years: float) -> None:
    assert round(minimum_track_record(Moments(134, sharpe, 1.0, skew, kurtosis)) / 12, 4) == years


@pytest.mark.parametrize(("benchmark", "confidence", "published"), [(0.0, 0.95, 13.029), (0.0, 0.90, 7.909), (0.1, 0.90, 16.456)])
def test_published_lengths_of_2025(benchmark: float, confidence: float, published: float) -> None:
    assert round(minimum_track_record_autocorrelated(EXAMPLE, benchmark, confidence), 3) == published


def test_at_that_length_the_probability_is_the_confidence() -> None:
    for benchmark, confidence in ((0.0, 0.95), (0.2, 0.7), (-0.1, 0.99)):
        periods = minimum_track_record(EXAMPLE, benchmark, confidence)
        longer = Moments(periods, 0.036, 0.079, EXAMPLE.skew, EXAMPLE.kurtosis)  # type: ignore[arg-type]
        assert probabilistic_sharpe(longer, benchmark) == pytest.approx(confidence, abs=1e-12)
        periods = minimum_track_record_autocorrelated(EXAMPLE, benchmark, confidence)
        longer = Moments(periods, 0.036, 0.079, EXAMPLE.skew, EXAMPLE.kurtosis)  # type: ignore[arg-type]
        assert probabilistic_sharpe_autocorrelated(longer, benchmark) == pytest.approx(confidence, abs=1e-12)


def test_no_length_is_enough_for_a_ratio_not_above_the_benchmark() -> None:
    for benchmark in (EXAMPLE.sharpe, 1.0):
        with pytest.raises(StatisticsError, match="no record is long enough"):
            minimum_track_record(EXAMPLE, benchmark)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 0.0, math.nan])
def test_confidence_is_more_than_even_and_less_than_certain(confidence: float) -> None:
    with pytest.raises(StatisticsError, match="confidence"):
        minimum_track_record(EXAMPLE, confidence=confidence)
