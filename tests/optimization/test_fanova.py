"""Functional ANOVA: exact on the trees it is given, right on surfaces with a known answer, and like Optuna's."""

import math
from itertools import product

import numpy as np
import optuna
import pytest
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator

from optimization.fanova import SMALLEST_LEAF, fanova, grow

SIZES = (6, 11, 5, 3)
GRID = np.array(list(product(*map(range, SIZES))), np.int64)


def some_points(count: int, seed: int = 1) -> NDArray[np.int64]:
    return np.random.Generator(np.random.PCG64(seed)).integers(0, SIZES, (count, len(SIZES)))


def surface(points: NDArray[np.int64]) -> NDArray[np.float64]:
    a, b, c = (points[:, place].astype(float) for place in range(3))
    return 2.0 * a + 6.0 * np.sin(b / 2.0) + 0.5 * (a - 2.5) * (c - 2.0)


def exact_shares(values: NDArray[np.float64]) -> list[float]:
    """Return the first-order shares of a function that is known on the whole grid, by definition."""
    table = values.reshape(SIZES)
    others = [tuple(other for other in range(len(SIZES)) if other != place) for place in range(len(SIZES))]
    return [float(table.mean(axis=axes).var() / table.var()) for axes in others]


def test_the_shares_of_a_tree_are_those_of_its_predictions_on_the_whole_grid() -> None:
    points = some_points(150)
    tree = grow(points, surface(points), np.array(SIZES))
    assert tree.shares(np.array(SIZES)) == pytest.approx(exact_shares(tree.predict(GRID)), abs=1e-12)


def test_the_leaves_of_a_tree_part_the_grid() -> None:
    points = some_points(150)
    tree = grow(points, surface(points), np.array(SIZES))
    inside = ((GRID[:, None, :] >= tree.low) & (GRID[:, None, :] <= tree.high)).all(axis=2)
    assert (inside.sum(axis=1) == 1).all()
    found = np.asarray(((points[:, None, :] >= tree.low) & (points[:, None, :] <= tree.high)).all(axis=2))
    assert (found.sum(axis=0) >= SMALLEST_LEAF).all()
    assert tree.value == pytest.approx([surface(points)[members].mean() for members in found.T])


def test_a_forest_that_saw_the_whole_grid_finds_the_exact_shares() -> None:
    found = fanova(GRID, surface(GRID), SIZES, seed=1)
    assert found.shares == pytest.approx(exact_shares(surface(GRID)), abs=0.02)
    assert found.shares[3] < 0.001, "this parameter does nothing"
    assert found.explained > 0.9


def test_what_only_a_combination_explains_is_nobodys_share() -> None:
    odd = (GRID[:, 0] % 6 < 3) ^ (GRID[:, 1] < 5)
    assert float(fanova(GRID, odd.astype(float), SIZES, seed=1).shares.sum()) < 0.1


def test_noise_is_not_explained() -> None:
    values = np.random.Generator(np.random.PCG64(5)).standard_normal(200)
    assert fanova(some_points(200), values, SIZES, seed=1).explained < 0.05


def test_equal_input_gives_equal_output_to_the_last_bit() -> None:
    points = some_points(100)
    first, second = (fanova(points, surface(points), SIZES, seed=3) for _ in range(2))
    assert (first.shares == second.shares).all()
    assert first.explained == second.explained
    assert (first.shares != fanova(points, surface(points), SIZES, seed=4).shares).any()


@pytest.mark.parametrize("scale", [2.0**-40, 512.0])
def test_shares_do_not_depend_on_the_unit_of_the_values(scale: float) -> None:
    points = some_points(100)
    plain, scaled = (fanova(points, factor * surface(points), SIZES, seed=3) for factor in (1.0, scale))
    assert (scaled.shares == plain.shares).all()
    assert scaled.explained == plain.explained


def test_equal_values_have_no_shares() -> None:
    found = fanova(some_points(50), np.ones(50), SIZES, seed=1)
    assert all(math.isnan(share) for share in found.shares)


def test_shares_are_close_to_those_that_optuna_finds() -> None:
    points = some_points(120)
    values = surface(points)
    grid: dict[str, BaseDistribution] = {f"p{place}": IntDistribution(0, size - 1) for place, size in enumerate(SIZES)}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    for row, value in zip(points.tolist(), values.tolist(), strict=True):
        params = {f"p{place}": index for place, index in enumerate(row)}
        study.add_trial(optuna.trial.create_trial(params=params, distributions=grid, value=value))
    theirs = FanovaImportanceEvaluator(n_trees=24, seed=1).evaluate(study)
    ours = fanova(points, values, SIZES, seed=1).shares
    assert [theirs[f"p{place}"] for place in range(len(SIZES))] == pytest.approx(ours, abs=0.08)
