"""The test for superior ability: equal to arch for the same draws, rejects as often as it claims, sees what the Reality Check misses."""

import math
from collections.abc import Callable

import holdout
import numpy as np
import pytest
from arch.bootstrap import SPA

from core.errors import StatisticsError
from tests.walkforward.significance.peers import draw_as_arch, take_errors_as_holdout
from walkforward.significance.differences import compare
from walkforward.significance.inputs import Floats
from walkforward.significance.reality_check import reality_check
from walkforward.significance.romano_wolf import romano_wolf
from walkforward.significance.stationary_bootstrap import BATCH, long_run_variances
from walkforward.significance.superior_ability import superior_ability

Test = Callable[..., object]
BLOCK, RESAMPLES = 5, 400


def trials(seed: int, days: int = 250, count: int = 8, means: float | list[float] = 0.0) -> Floats:
    generator = np.random.default_rng(seed)
    scales = generator.uniform(0.5, 2.0, count)
    common = generator.standard_normal((days, 1))
    return 0.01 * scales * (0.6 * common + 0.8 * generator.standard_normal((days, count)) + means)


@pytest.mark.parametrize("means", [0.05, [0.2, *[-0.3] * 7], [0.1, 0.1, 0.1, 0.1, -1.0, -1.0, -1.0, -1.0]])
def test_p_values_are_those_of_arch_for_the_same_draws(monkeypatch: pytest.MonkeyPatch, means: float | list[float]) -> None:
    draw_as_arch(monkeypatch, seed=17)
    differences = trials(3, means=means)
    ours = superior_ability(differences, RESAMPLES, 0, BLOCK)
    scaled = differences / np.sqrt(long_run_variances(differences, BLOCK))  # arch does not scale, whatever it is told
    peer = SPA(np.zeros(len(scaled)), -scaled, block_size=BLOCK, reps=RESAMPLES, bootstrap="stationary", seed=17)
    peer.compute()
    assert ours.statistic == pytest.approx(math.sqrt(250) * float(scaled.mean(axis=0).max()))
    for name, value in (("lower", ours.p_lower), ("consistent", ours.p_consistent), ("upper", ours.p_upper)):
        # of (1 + beaten) / (B + 1) and beaten / B, the first counts the real history too
        assert round(value * (RESAMPLES + 1)) - 1 == round(float(peer.pvalues[name]) * RESAMPLES), name


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("means", [0.0, [0.15, *[-0.2] * 7]])
def test_p_values_are_those_of_holdout_for_the_same_draws(monkeypatch: pytest.MonkeyPatch, seed: int, means: float | list[float]) -> None:
    take_errors_as_holdout(monkeypatch, BATCH, seed)
    differences = trials(seed, means=means)
    ours = superior_ability(differences, BATCH, seed, BLOCK)
    peer = holdout.superior_predictive_ability(differences, n_bootstrap=BATCH, block_length=BLOCK, seed=seed)
    assert ours.best == peer.best
    assert ours.statistic == pytest.approx(peer.statistic)
    for value, expected in ((ours.p_lower, peer.lower), (ours.p_consistent, peer.consistent), (ours.p_upper, peer.upper)):
        assert round(value * (BATCH + 1)) - 1 == round(expected * BATCH)


@pytest.mark.parametrize("seed", range(20))
def test_bounds_hold_the_consistent_value_between_them(seed: int) -> None:
    result = superior_ability(trials(seed, means=[0.1, *np.linspace(-0.6, 0.1, 7)]), 200, seed)
    assert 1 / 201 <= result.p_lower <= result.p_consistent <= result.p_upper <= 1


def test_best_below_the_benchmark_is_luck_for_certain() -> None:
    result = superior_ability(trials(1, means=-1.0), 100, 1)
    assert result.statistic == 0
    assert (result.p_lower, result.p_consistent, result.p_upper) == (1.0, 1.0, 1.0)


def test_true_edge_reaches_the_smallest_p_value() -> None:
    differences = trials(2, means=[0.0, 0.0, 0.6, *[0.0] * 5])
    result = superior_ability(differences, 500, 1)
    assert result.p_upper == 1 / 501
    assert result.best == 2
    assert reality_check(differences, 500, 1).best in range(8)


def test_p_value_does_not_depend_on_the_order_or_the_size_of_the_trials() -> None:
    differences = trials(4)
    expected = superior_ability(differences, 300, 5, 3.0)
    order = np.array([3, 1, 7, 0, 2, 6, 5, 4])
    sized = superior_ability(differences[:, order] * np.geomspace(0.01, 100, 8), 300, 5, 3.0)
    assert sized.p_consistent == expected.p_consistent
    assert order[sized.best] == expected.best


def test_trial_that_never_traded_changes_nothing() -> None:
    differences = trials(5)
    with_idle = np.column_stack([np.zeros(250), differences])
    expected, found = superior_ability(differences, 200, 1), superior_ability(with_idle, 200, 1)
    assert found.best == expected.best + 1
    assert found.compared == expected.compared == 8
    assert (found.p_consistent, found.statistic, found.block) == (expected.p_consistent, expected.statistic, expected.block)


def test_days_that_depend_on_each_other_are_drawn_in_stretches() -> None:
    smooth = trials(6, days=600)
    for day in range(1, 600):
        smooth[day] += 0.7 * smooth[day - 1]
    assert superior_ability(smooth, 100, 1).block > 8
    assert superior_ability(trials(6, days=600), 100, 1).block < 5


RUNS = 300


def rejections(differences_of: Callable[[int], Floats]) -> tuple[float, float, float]:
    """Return how often Reality Check, superior ability and Romano-Wolf reject at 5 %, of 300 data sets."""
    found = np.zeros(3)
    for run in range(RUNS):
        data = differences_of(run)
        p_values = romano_wolf(data, 199, run, 1.0).p_values
        found += [
            reality_check(data, 199, run, 1.0).p <= 0.05,
            superior_ability(data, 199, run, 1.0).p_consistent <= 0.05,
            p_values.min() <= 0.05,
        ]
    return tuple((found / RUNS).tolist())


def standard_noise(seed: int, means: list[float]) -> Floats:
    return np.asarray(np.random.default_rng(seed).standard_normal((120, len(means))) + means)


def test_pure_luck_is_called_an_edge_one_time_in_twenty() -> None:
    # published for 6 strategies, 2,000 data sets: 4.9 %, 5.4 %, 5.5 %; three standard errors of 300 are 3.8 %
    assert rejections(lambda run: standard_noise(run, [0.0] * 6)) == pytest.approx((0.049, 0.054, 0.055), abs=0.038)


def noisy_losers(best: float) -> Callable[[int], Floats]:
    scales = np.array([1.0, *[2.0] * 9])
    return lambda run: standard_noise(run, [best, *[-0.4] * 9]) * scales


def test_poor_trials_hide_an_edge_from_the_reality_check_only() -> None:
    # published for one good and nine poor strategies: superior ability 87 %, Reality Check 56 %
    check, ability, _ = rejections(noisy_losers(0.28))
    assert ability > 0.8
    assert check < ability - 0.25


def test_poor_trials_take_the_size_of_the_reality_check_only() -> None:
    # published for one strategy at the benchmark and nine poor ones: Reality Check 0.7 %, superior ability 6.0 %
    check, ability, _ = rejections(noisy_losers(0.0))
    assert check <= 0.02
    assert ability == pytest.approx(0.06, abs=0.041)


@pytest.mark.parametrize("test", [superior_ability, reality_check, romano_wolf])
@pytest.mark.parametrize(
    ("differences", "reason"),
    [
        (trials(1, count=1), r"1 trial\(s\)"),
        (np.zeros((100, 0)), r"0 trial\(s\)"),
        (trials(1, days=19), "19 days are too few"),
        (np.zeros((100, 3)), "No trial differs"),
        (np.repeat(trials(1, count=1), 3, axis=1), "All trials have the same returns"),
        (np.column_stack([np.full(250, 0.001), trials(1)]), "same amount every day"),
        (np.where(trials(1) > 0.02, math.nan, trials(1)), "finite"),
        (trials(1)[:, 0], "2 dimension"),
    ],
)
def test_trials_that_cannot_be_compared_say_why(test: Test, differences: Floats, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        test(differences, 100, 1)


def test_block_longer_than_the_data_is_refused() -> None:
    with pytest.raises(StatisticsError, match="does not fit 250 days"):
        superior_ability(trials(1), 100, 1, 251.0)


def test_constant_loser_is_left_out_and_ratios_are_means_over_errors() -> None:
    data = compare(np.column_stack([trials(1), np.full(250, -0.001)]), 4.0)
    assert data.columns.tolist() == list(range(8))
    assert data.ratios == pytest.approx(data.means / data.errors)
