"""Deflated Sharpe ratio: the paper's example, two other implementations, and how it behaves on noise."""

import math

import holdout
import numpy as np
import pytest

from core.errors import StatisticsError
from walkforward.significance.deflated_sharpe import deflated_sharpe
from walkforward.significance.expected_maximum import expected_maximum, expected_maximum_approximation
from walkforward.significance.moments import Moments, moments_of, sharpe_variance, trial_sharpes
from walkforward.significance.probabilistic_sharpe import probabilistic_sharpe, probabilistic_sharpe_autocorrelated

# The paper's: an annual Sharpe ratio of 2.5 over five years of 250 days, the best of 100 whose annual ratios have a variance of 1/2.
WINNER = Moments(1250, 2.5 / math.sqrt(250), 1.0, skew=-3.0, kurtosis=10.0)
NORMAL = Moments(1250, 2.5 / math.sqrt(250), 1.0)
VARIANCE = 0.5 / 250


@pytest.mark.parametrize(
    ("moments", "trials", "approximate", "exact"),
    [(WINNER, 100, 0.9004, 0.9054), (WINNER, 46, 0.9505, 0.9540), (NORMAL, 88, 0.9505, 0.9542)],
)
def test_published_example(moments: Moments, trials: int, approximate: float, exact: float) -> None:
    assert round(deflated_sharpe(moments, trials, VARIANCE, expected_maximum_approximation).value, 4) == approximate
    assert round(deflated_sharpe(moments, trials, VARIANCE).value, 4) == exact


def test_published_threshold() -> None:
    assert round(deflated_sharpe(WINNER, 100, VARIANCE, expected_maximum_approximation).threshold, 4) == 0.1132


def test_years_of_252_days_are_not_the_paper_s() -> None:
    moments = Moments(1250, 2.5 / math.sqrt(252), 1.0, skew=-3.0, kurtosis=10.0)
    assert round(deflated_sharpe(moments, 100, 0.5 / 252, expected_maximum_approximation).value, 4) == 0.8997


def test_published_example_of_2025() -> None:
    moments = Moments(24, 0.036, 0.079, skew=-2.448, kurtosis=10.164)
    threshold = deflated_sharpe(moments, 10, 0.1, expected_maximum_approximation).threshold
    assert round(threshold, 3) == 0.498
    assert round(probabilistic_sharpe_autocorrelated(moments, threshold, trials=10), 3) == 0.416
    assert round(probabilistic_sharpe_autocorrelated(moments, threshold), 3) == 0.451


def search(trials: int, days: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_t(5, (days, trials)) * 0.01 + 0.0004


def test_equals_skfolio() -> None:
    from skfolio import measures  # takes seconds to load: only here

    for seed in range(5):
        matrix = search(40, 365, seed)
        sharpes = trial_sharpes(matrix)
        returns = matrix[:, int(np.argmax(sharpes))]
        ours = deflated_sharpe(moments_of(returns), 40, sharpe_variance(trial_sharpes(matrix)), expected_maximum_approximation)
        assert ours.value == pytest.approx(measures.deflated_sharpe_ratio(returns, sharpes), abs=1e-14)
        psr = measures.probabilistic_sharpe_ratio(returns, benchmark_sharpe_ratio=0.01)
        assert probabilistic_sharpe(moments_of(returns), 0.01) == pytest.approx(psr, abs=1e-14)


def test_equals_holdout_exact_and_approximate() -> None:
    matrix = search(40, 365, 9)
    moments = moments_of(matrix[:, int(np.argmax(trial_sharpes(matrix)))])
    for expected, method in ((expected_maximum, "exact"), (expected_maximum_approximation, "approximation")):
        theirs = holdout.deflated_sharpe_ratio(
            moments.sharpe,
            moments.periods,
            n_trials=40,
            trials_variance=sharpe_variance(trial_sharpes(matrix)),
            skewness=moments.skew,
            kurtosis=moments.kurtosis,
            method=method,  # type: ignore[arg-type]
        )
        assert deflated_sharpe(moments, 40, sharpe_variance(trial_sharpes(matrix)), expected).value == pytest.approx(theirs, abs=1e-9)


def test_best_of_noise_looks_sure_until_it_is_deflated() -> None:
    generator = np.random.default_rng(20)
    naive, deflated = [], []
    for _ in range(200):
        matrix = generator.normal(size=(250, 50))
        moments = moments_of(matrix[:, int(np.argmax(trial_sharpes(matrix)))])
        naive.append(probabilistic_sharpe(moments))
        deflated.append(deflated_sharpe(moments, 50, sharpe_variance(trial_sharpes(matrix))).value)
    assert np.mean(np.array(naive) > 0.95) >= 0.8
    assert max(deflated) <= 0.95


def test_an_edge_among_noise_stays_sure() -> None:
    matrix = np.random.default_rng(21).normal(size=(730, 50))
    matrix[:, 7] += 0.25
    assert deflated_sharpe(moments_of(matrix[:, 7]), 50, sharpe_variance(trial_sharpes(matrix))).value > 0.95


def test_more_trials_and_more_variance_are_less_sure() -> None:
    values = [deflated_sharpe(WINNER, trials, VARIANCE).value for trials in (1.5, 2, 10, 10.5, 100, 10_000)]
    assert values == sorted(values, reverse=True)
    assert deflated_sharpe(WINNER, 10, 2 * VARIANCE).value < deflated_sharpe(WINNER, 10, VARIANCE).value


def test_what_was_not_selected_cannot_be_deflated() -> None:
    for trials in (1, 0, math.nan):
        with pytest.raises(StatisticsError, match="nothing to deflate"):
            deflated_sharpe(WINNER, trials, VARIANCE)
    for variance in (0.0, -1.0, math.nan):
        with pytest.raises(StatisticsError, match="all the same or undefined"):
            deflated_sharpe(WINNER, 10, variance)


def test_dictionary_holds_what_it_was_made_of() -> None:
    result = deflated_sharpe(WINNER, 100, VARIANCE)
    assert result.as_dict() == {"value": result.value, "threshold": result.threshold, "trials": 100.0, "variance": VARIANCE}
