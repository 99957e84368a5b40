"""Independent implementations agree: holdout-backtest for the probability of overfitting, skfolio for the splits and their paths."""

import numpy as np
import pytest
from holdout.pbo import probability_of_backtest_overfitting
from holdout.splits import combinatorial_purged_cv
from skfolio.model_selection import CombinatorialPurgedCV

from walkforward.significance.cpcv import combinatorial_splits, path_count, path_sharpes
from walkforward.significance.cscv import overfitting_probability


@pytest.mark.parametrize(("days", "trials", "blocks", "seed"), [(1000, 50, 10, 0), (480, 30, 16, 1), (64, 12, 8, 2), (40, 2, 10, 3)])
def test_equals_holdout(days: int, trials: int, blocks: int, seed: int) -> None:
    matrix = np.random.default_rng(seed).standard_normal((days, trials)) * 0.01 + 0.0003
    ours, theirs = overfitting_probability(matrix, blocks), probability_of_backtest_overfitting(matrix, n_blocks=blocks)
    assert ours.value == theirs.pbo
    assert ours.probability_of_loss == theirs.probability_of_loss
    assert (ours.slope, ours.r_squared) == pytest.approx((theirs.degradation[0], theirs.degradation[2]))
    for one, other in ((ours.logits, theirs.logits), (ours.in_sample, theirs.in_sample), (ours.out_of_sample, theirs.out_of_sample)):
        np.testing.assert_allclose(np.sort(one), np.sort(other), rtol=1e-9, atol=1e-12)


SPLITS = [(12, 3, 2, 1, 0), (12, 3, 2, 0, 1), (97, 6, 2, 3, 2), (365, 10, 8, 5, 0), (366, 6, 3, 0, 7), (120, 5, 4, 4, 4)]


@pytest.mark.parametrize(("days", "groups", "tested", "purge", "embargo"), SPLITS)
def test_splits_equal_skfolio(days: int, groups: int, tested: int, purge: int, embargo: int) -> None:
    theirs = CombinatorialPurgedCV(groups, tested, purged_size=purge, embargo_size=embargo)
    assert path_count(groups, tested) == theirs.n_test_paths
    ours = combinatorial_splits(days, groups, tested, purge, embargo)
    for split, (train, _) in zip(ours, theirs.split(np.zeros((days, 1))), strict=True):
        np.testing.assert_array_equal(split.train, train)
    assert [split.tested for split in ours] == [tuple(row) for row in theirs.test_set_index]


def test_paths_equal_those_that_skfolio_joins() -> None:
    matrix = np.random.default_rng(5).standard_normal((240, 12)) * 0.01
    theirs = CombinatorialPurgedCV(6, 2, purged_size=2, embargo_size=1)
    paths, path_of = np.full((theirs.n_test_paths, 240), np.nan), theirs.get_path_ids()
    for number, (train, tests) in enumerate(theirs.split(matrix)):
        best = np.argmax(matrix[train].mean(axis=0) / matrix[train].std(axis=0, ddof=1))
        for place, days in enumerate(tests):
            paths[path_of[number, place], days] = matrix[days, best]
    found = path_sharpes(matrix, 6, 2, purge=2, embargo=1)
    np.testing.assert_allclose(found.sharpes, paths.mean(axis=1) / paths.std(axis=1, ddof=1), rtol=1e-9)


@pytest.mark.parametrize("holding", [0, 1, 4])
def test_purge_equals_holdout_for_trades_of_that_length(holding: int) -> None:
    """A trade that opens on day s and ends on s + holding overlaps a tested one exactly when fewer than ``holding`` + 1 days part them."""
    start = np.arange(120)
    theirs = combinatorial_purged_cv(6, 2, start=start, end=start + holding)
    ours = combinatorial_splits(120, 6, 2, purge=holding)
    for split, other in zip(ours, theirs.splits, strict=True):
        np.testing.assert_array_equal(split.train, other.train)
