"""Sobol' points: scipy's, spread evenly, moved by their seed."""

import numpy as np
import pytest
from scipy.stats import qmc

from optimization.neighbourhood.sobol import TABLED_DIMENSIONS, plain_sobol, sobol


@pytest.mark.parametrize("dimensions", [1, 2, 7, TABLED_DIMENSIONS, TABLED_DIMENSIONS + 3])
def test_points_are_those_of_scipy(dimensions: int) -> None:
    theirs = qmc.Sobol(dimensions, scramble=False, bits=30).random(1024)
    assert (plain_sobol(1024, dimensions) / 2.0**30 == theirs).all()


@pytest.mark.parametrize("dimensions", [1, 6, TABLED_DIMENSIONS + 3])
def test_every_sixteenth_of_every_axis_has_its_share_under_any_seed(dimensions: int) -> None:
    points = sobol(128, dimensions, seed=7)
    assert points.shape == (128, dimensions)
    assert all((np.histogram(column, bins=16, range=(0, 1))[0] == 8).all() for column in points.T)


def test_the_seed_alone_decides() -> None:
    assert (sobol(64, 3, seed=5) == sobol(64, 3, seed=5)).all()
    assert (sobol(64, 3, seed=5) != sobol(64, 3, seed=6)).any()
    assert (sobol(64, 3, seed=5)[:20] == sobol(20, 3, seed=5)).all()
