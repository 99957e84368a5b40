"""False discoveries: the published example of 2025, and a simulation of edges that are rare."""

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import StatisticsError
from walkforward.significance.expected_maximum import expected_maximum_approximation
from walkforward.significance.false_discovery import critical_sharpe, observed_false_discovery, planned_false_discovery, power
from walkforward.significance.moments import Moments
from walkforward.significance.probabilistic_sharpe import deviation_autocorrelated

EXAMPLE = Moments(24, 0.036, 0.079, skew=-2.448, kurtosis=10.164)


def test_published_example() -> None:
    detected = power(EXAMPLE, 0.5, significance=0.10)
    assert round(critical_sharpe(EXAMPLE, significance=0.10), 3) == 0.262
    assert round(detected, 3) == 0.758
    assert round(planned_false_discovery(detected, prior=0.1, significance=0.10), 3) == 0.543
    assert round(observed_false_discovery(EXAMPLE, 0.5, prior=0.1), 3) == 0.173


def test_published_example_of_the_best_of_ten() -> None:
    luck = 0.1**0.5 * expected_maximum_approximation(10)
    assert round(luck, 3) == 0.498
    assert round(deviation_autocorrelated(EXAMPLE, luck, trials=10), 3) == 0.200
    assert round(observed_false_discovery(EXAMPLE, 0.5 + luck, prior=0.1, benchmark=luck, trials=10), 3) == 0.844


def test_published_checks_of_the_authors_code() -> None:
    assert round(1 - power(EXAMPLE, 0.5), 3) == 0.315
    assert round(planned_false_discovery(1 - 0.315, prior=0.05), 3) == 0.581
    assert round(observed_false_discovery(EXAMPLE, 0.5, prior=0.05), 3) == 0.306


def test_planned_rate_is_the_share_of_false_ones_among_the_found() -> None:
    generator = np.random.default_rng(6)
    edge = generator.uniform(size=200_000) < 0.1
    record = Moments(100, 0.0, 1.0)
    limit = critical_sharpe(record, significance=0.05)
    spread = np.where(edge, deviation_autocorrelated(record, 0.2), deviation_autocorrelated(record, 0.0))
    found = edge * 0.2 + generator.normal(size=len(edge)) * spread > limit
    expected = planned_false_discovery(power(record, 0.2), prior=0.1)
    assert np.mean(~edge[found]) == pytest.approx(expected, abs=0.01)


def test_rarer_edges_and_weaker_results_are_likelier_false() -> None:
    assert observed_false_discovery(EXAMPLE, 0.5, 0.01) > observed_false_discovery(EXAMPLE, 0.5, 0.3)
    weaker = Moments(24, 0.016, 0.079, EXAMPLE.skew, EXAMPLE.kurtosis)
    assert observed_false_discovery(weaker, 0.5, 0.1) > observed_false_discovery(EXAMPLE, 0.5, 0.1)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_shares_lie_between_nothing_and_all(share: float) -> None:
    calls: list[Callable[[], float]] = [
        lambda: critical_sharpe(EXAMPLE, significance=share),
        lambda: planned_false_discovery(0.8, share),
        lambda: planned_false_discovery(0.8, 0.1, share),
        lambda: observed_false_discovery(EXAMPLE, 0.5, share),
    ]
    for call in calls:
        with pytest.raises(StatisticsError, match="not between 0 and 1"):
            call()


def test_a_result_beyond_both_hypotheses_says_so() -> None:
    with pytest.raises(StatisticsError, match="beyond both"):
        observed_false_discovery(Moments(100_000, 50.0, 1.0), 0.1, 0.1)
