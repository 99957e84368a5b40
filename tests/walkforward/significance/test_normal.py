"""The normal distribution far out in its tails."""

import math

import pytest

from walkforward.significance.normal import cdf, pdf, quantile


def test_tails_do_not_round_to_nothing() -> None:
    assert cdf(-10) == pytest.approx(7.61985302416052e-24, rel=1e-12)
    assert 0 < cdf(-37) < 1e-298
    assert cdf(0) == 0.5
    assert cdf(-math.inf) == 0
    assert cdf(math.inf) == 1


@pytest.mark.parametrize("x", [-30.0, -8.3, -1.0, 0.0, 0.5, 4.0])
def test_quantile_undoes_the_distribution_function(x: float) -> None:
    assert quantile(cdf(x)) == pytest.approx(x, abs=1e-9)


def test_density_is_the_slope() -> None:
    for x in (-3.0, 0.0, 1.5):
        assert pdf(x) == pytest.approx((cdf(x + 1e-5) - cdf(x - 1e-5)) / 2e-5, rel=1e-7)
