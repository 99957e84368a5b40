"""The noise under the simulated market: uniform, normal, fat-tailed, and the same everywhere."""

import numpy as np

from exchanges.simulation.days import bridge
from exchanges.simulation.noise import Stream, as_tail, exp

POSITIONS = np.arange(-100_000, 100_000)


def test_first_words_are_those_of_splitmix64() -> None:
    stream = Stream("any")
    stream._start = np.zeros(1, np.uint64)
    # The published first outputs of SplitMix64 from state 0 are its mixes of 1, 2, 3 times the odd constant.
    assert stream.words(np.array([1, 2, 3])).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_number_depends_on_its_position_only() -> None:
    stream = Stream(1, "BTCUSDT", "move")
    np.testing.assert_array_equal(stream.words(POSITIONS)[500:700], stream.words(POSITIONS[500:700]))
    np.testing.assert_array_equal(stream.words(POSITIONS[:6].reshape(2, 3)).ravel(), stream.words(POSITIONS[:6]))


def test_streams_of_other_names_are_unrelated() -> None:
    left, right = (Stream(*names).normal(POSITIONS) for names in ((1, "AB", "C"), (1, "A", "BC")))
    assert abs(np.corrcoef(left, right)[0, 1]) < 0.01


def test_uniform_numbers_fill_the_unit_interval() -> None:
    uniform = Stream(3).uniform(POSITIONS)
    assert 0 < uniform.min() < 0.001
    assert 0.999 < uniform.max() < 1
    np.testing.assert_allclose(np.histogram(uniform, 10, (0, 1))[0], 20_000, rtol=0.03)


def test_normal_numbers_have_mean_0_and_variance_1() -> None:
    normal = Stream(4).normal(POSITIONS)
    assert abs(normal.mean()) < 0.01
    assert abs(normal.var() - 1) < 0.01
    assert abs((normal**3).mean()) < 0.02
    assert abs(np.corrcoef(normal[1:], normal[:-1])[0, 1]) < 0.01


def test_tails_fall_with_the_fourth_power() -> None:
    scales = as_tail(Stream(5).words(POSITIONS))
    assert abs((scales**2).mean() - 1) < 0.05
    for x in (1.0, 2.0, 4.0):
        np.testing.assert_allclose((scales > x).mean(), x**-4 / 4, rtol=0.15)


def test_own_exponential_equals_the_library() -> None:
    x = np.concatenate((np.linspace(-40, 40, 20_001), [0.0, -0.0, 1.0]))
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=1e-15)


def test_bridge_meets_its_ends() -> None:
    steps = Stream(6).normal(np.arange(300)).reshape(3, 100)
    variances = 0.5 + Stream(7).uniform(np.arange(300)).reshape(3, 100)
    left, right = np.array([0.0, 1.0, -2.0]), np.array([1.0, 1.0, 5.0])
    walk = bridge(steps, variances, left, right)
    np.testing.assert_array_equal(walk[:, -1], right)
    corrections = np.diff(walk, axis=1) - steps[:, 1:]
    np.testing.assert_allclose(corrections / variances[:, 1:], (corrections / variances[:, 1:])[:, :1].repeat(99, 1), atol=1e-12)
