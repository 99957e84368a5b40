"""Efficiency by hand: returns of parts of any length, scaled to a year."""

import math

import pytest

from walkforward.efficiency import efficiency, yearly

DAY = 86_400_000


def test_returns_are_scaled_to_a_year() -> None:
    assert yearly(6.0, 60 * DAY) == pytest.approx(36.525)
    assert yearly(2.0, 20 * DAY) == pytest.approx(yearly(6.0, 60 * DAY))


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([(10.0, 10.0)], 1.0),
        ([(10.0, 5.0), (30.0, 15.0)], 0.5),
        ([(10.0, -5.0)], -0.5),
        # a mean of the two ratios would be 1.05: the window that earned next to nothing in sample would say it all
        ([(1.0, 2.0), (20.0, 2.0)], 4 / 21),
        ([(-10.0, 5.0), (10.0, 5.0)], math.nan),
        ([(0.0, 5.0)], math.nan),
        ([(math.nan, 5.0)], math.nan),
        ([], math.nan),
    ],
)
def test_efficiency_is_the_share_of_the_promise_that_is_kept(pairs: list[tuple[float, float]], expected: float) -> None:
    assert efficiency(pairs) == pytest.approx(expected, nan_ok=True)
