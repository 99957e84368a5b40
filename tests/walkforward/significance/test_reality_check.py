"""The Reality Check equals holdout's for the same draws, and what it counts is the plain best mean."""

import math

import holdout
import numpy as np
import pytest

from walkforward.significance.inputs import Floats
from walkforward.significance.reality_check import reality_check
from walkforward.significance.stationary_bootstrap import BATCH, resampled_means


def noise(seed: int, best: float = 0.0) -> Floats:
    found = np.random.default_rng(seed).standard_normal((200, 12)) * 0.01
    found[:, 4] += best
    return found


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
@pytest.mark.parametrize("best", [0.0, 0.001])
def test_p_value_is_the_one_of_holdout_for_the_same_draws(seed: int, best: float) -> None:
    ours = reality_check(noise(seed, best), BATCH, seed, 4.0)
    peer = holdout.reality_check(noise(seed, best), n_bootstrap=BATCH, block_length=4.0, seed=seed)
    assert round(ours.p * (BATCH + 1)) - 1 == round(peer.pvalue * BATCH)
    assert ours.statistic == pytest.approx(peer.statistic)
    assert ours.best == peer.best


def test_p_value_counts_histories_in_which_luck_does_as_well() -> None:
    data = noise(7)
    means = np.concatenate(list(resampled_means(data, 2.0, 300, 9)))
    beaten = int(((means - data.mean(axis=0)).max(axis=1) >= data.mean(axis=0).max()).sum())
    result = reality_check(data, 300, 9, 2.0)
    assert result.as_dict() == {
        "p": (1 + beaten) / 301,
        "statistic": math.sqrt(200) * float(data.mean(axis=0).max()),
        "best": int(data.mean(axis=0).argmax()),
        "block": 2.0,
        "resamples": 300,
    }


def test_true_edge_reaches_the_smallest_p_value() -> None:
    assert reality_check(noise(1, 0.01), 400, 1).p == 1 / 401
