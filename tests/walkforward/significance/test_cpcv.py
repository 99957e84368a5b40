"""Combinatorial purged cross-validation: published counts and splits, and paths put together as the definition says."""

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import StatisticsError
from walkforward.significance.cpcv import combinatorial_splits, group_edges, path_count, path_sharpes

Floats = NDArray[np.float64]


def noise(days: int, trials: int, seed: int) -> Floats:
    return np.random.default_rng(seed).standard_normal((days, trials))


@pytest.mark.parametrize(("groups", "tested", "paths"), [(6, 2, 5), (10, 2, 9), (10, 8, 36), (3, 2, 2), (12, 6, 462), (5, 1, 1)])
def test_published_numbers_of_paths(groups: int, tested: int, paths: int) -> None:
    assert path_count(groups, tested) == paths
    assert len(path_sharpes(noise(40, 3, 0), groups, tested).sharpes) == paths


PUBLISHED = {
    "plain": (0, 0, [[8, 9, 10, 11], [4, 5, 6, 7], [0, 1, 2, 3]]),
    "purged": (1, 0, [[9, 10, 11], [5, 6], [0, 1, 2]]),
    "embargo": (0, 1, [[9, 10, 11], [5, 6, 7], [0, 1, 2, 3]]),
}


@pytest.mark.parametrize(("purge", "embargo", "train"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_splits_of_twelve_days(purge: int, embargo: int, train: list[list[int]]) -> None:
    splits = combinatorial_splits(12, 3, 2, purge, embargo)
    assert [split.train.tolist() for split in splits] == train
    assert [split.tested for split in splits] == [(0, 1), (0, 2), (1, 2)]


def test_purge_reaches_over_a_whole_group() -> None:
    """Groups of 4 days: a holding time of 5 days before group 2 takes group 1 whole and the end of group 0."""
    split = next(split for split in combinatorial_splits(16, 4, 1, purge=5) if split.tested == (2,))
    assert split.train.tolist() == [0, 1, 2]


def test_no_day_that_trains_is_near_a_tested_one() -> None:
    edges = group_edges(131, 6)
    assert edges.tolist() == [0, 21, 42, 63, 84, 105, 131]
    for split in combinatorial_splits(131, 6, 2, purge=3, embargo=4):
        tested = np.concatenate([np.arange(edges[g], edges[g + 1]) for g in split.tested])
        for day in range(131):
            before, after = tested[tested >= day], tested[tested <= day]
            near = (len(before) and before[0] - day <= 3) or (len(after) and day - after[-1] <= 7)
            assert (day in split.train) == (not near)


def plain_paths(matrix: Floats, groups: int, tested: int, purge: int, embargo: int) -> list[float]:
    """Return the ratios of all paths, day by day: what the k-th split that tests a day chose, earned that day."""
    edges = group_edges(len(matrix), groups)
    earned: list[list[float]] = [[] for _ in matrix]
    for split in combinatorial_splits(len(matrix), groups, tested, purge, embargo):
        part = matrix[split.train]
        best = int(np.argmax(part.mean(axis=0) / part.std(axis=0, ddof=1)))
        for group in split.tested:
            for day in range(edges[group], edges[group + 1]):
                earned[day].append(float(matrix[day, best]))
    paths = np.array(earned).T
    return [float(path.mean() / path.std(ddof=1)) for path in paths]


@pytest.mark.parametrize(("groups", "tested", "purge", "embargo"), [(6, 2, 0, 0), (6, 2, 3, 2), (5, 4, 1, 0), (4, 1, 10, 10)])
def test_paths_are_those_of_the_definition(groups: int, tested: int, purge: int, embargo: int) -> None:
    matrix = noise(200, 15, 3) * 0.01 + 0.0005
    found = path_sharpes(matrix, groups, tested, purge, embargo)
    expected = plain_paths(matrix, groups, tested, purge, embargo)
    np.testing.assert_allclose(found.sharpes, expected, rtol=1e-9)
    assert found.median == pytest.approx(float(np.median(expected)))
    assert found.share_positive == np.mean(np.array(expected) > 0)


def test_true_edge_is_on_every_path() -> None:
    matrix = noise(400, 20, 1)
    matrix[:, 7] += 0.5
    found = path_sharpes(matrix, 6, 2, purge=2, embargo=1)
    assert set(found.chosen) == {7}
    np.testing.assert_allclose(found.sharpes, matrix[:, 7].mean() / matrix[:, 7].std(ddof=1))
    assert found.as_dict()["value"] == found.median


def test_what_is_won_only_near_the_tested_days_is_not_chosen_on() -> None:
    """A trial that shines next to every border is best without a purge, and not with one that takes those days."""
    matrix = noise(120, 2, 2) * 0.1
    matrix[:, 0] += 0.03
    days = np.arange(120)
    near = np.isin(days % 20, (0, 1, 18, 19)) & (days > 1) & (days < 118)
    matrix[near, 1] += 3.0
    matrix[~near, 1] -= 0.02
    assert 1 in set(path_sharpes(matrix, 6, 2).chosen)
    assert 1 not in set(path_sharpes(matrix, 6, 5, purge=2).chosen)


def test_trial_that_never_trades_where_it_is_chosen_on_counts_as_zero() -> None:
    matrix = noise(60, 2, 4) - 5.0
    matrix[:, 1] = 0.0
    matrix[30:, 1] = 1.0 + noise(30, 1, 5)[:, 0] / 10
    found = path_sharpes(matrix, 2, 1)
    assert found.chosen.tolist() == [1, 1]


BAD = {
    "one trial": (noise(60, 1, 0), 6, 2, 0, 0, "1 trial"),
    "equal columns": (np.repeat(noise(60, 1, 0), 3, axis=1), 6, 2, 0, 0, "all 3 trials earned the same"),
    "all tested": (noise(60, 3, 0), 6, 6, 0, 0, "6 of 6 groups cannot be tested"),
    "none tested": (noise(60, 3, 0), 6, 0, 0, 0, "0 of 6 groups"),
    "fewer days than groups": (noise(5, 3, 0), 6, 2, 0, 0, "5 days for 6 groups"),
    "purge of all": (noise(60, 3, 0), 6, 2, 30, 0, "leave 0 to choose on"),
    "embargo of all": (noise(60, 3, 0), 6, 5, 0, 9, "leave 1 to choose on"),
    "negative purge": (noise(60, 3, 0), 6, 2, -1, 0, "neither can be negative"),
    "too many paths": (noise(60_000, 2, 0), 16, 8, 0, 0, "more than fit"),
    "interest": (np.hstack([noise(60, 2, 0), np.full((60, 1), 0.01)]), 6, 2, 0, 0, "trial 2 earned the same"),
    "nothing out of sample": (
        np.hstack([noise(60, 2, 0) - 9.0, np.zeros((60, 1))]), 3, 1, 0, 0, "did nothing there",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("matrix", "groups", "tested", "purge", "embargo", "reason"), BAD.values(), ids=BAD)
def test_what_cannot_be_computed_is_said(matrix: Floats, groups: int, tested: int, purge: int, embargo: int, reason: str) -> None:
    with pytest.raises(StatisticsError, match=reason):
        path_sharpes(matrix, groups, tested, purge, embargo)
