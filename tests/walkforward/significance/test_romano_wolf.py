"""The step-down finds which trials beat the benchmark, as holdout's and arch's do, and errs as a whole as seldom as it claims."""

import holdout
import numpy as np
import pytest
from arch.bootstrap import StepM

from tests.walkforward.significance.peers import take_errors_as_holdout
from walkforward.significance.inputs import Floats
from walkforward.significance.romano_wolf import romano_wolf
from walkforward.significance.stationary_bootstrap import BATCH, long_run_variances
from walkforward.significance.superior_ability import superior_ability


def trials(seed: int, good: dict[int, float]) -> Floats:
    found = np.random.default_rng(seed).standard_normal((250, 8))
    for column, mean in good.items():
        found[:, column] += mean
    return found * np.linspace(0.005, 0.02, 8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_p_values_are_those_of_holdout_for_the_same_draws(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    take_errors_as_holdout(monkeypatch, BATCH, seed)
    data = trials(seed, {2: 0.3, 5: 0.18, 6: 0.1})
    ours = romano_wolf(data, BATCH, seed, 3.0)
    peer = holdout.romano_wolf(data, n_bootstrap=BATCH, block_length=3.0, seed=seed)
    assert ours.p_values * (BATCH + 1) - 1 == pytest.approx(peer.adjusted_pvalues * BATCH, abs=1e-9)


@pytest.mark.parametrize("good", [{}, {2: 0.4}, {1: 0.4, 6: 0.35}, dict.fromkeys(range(8), 0.4)])
def test_trials_found_are_those_of_arch(good: dict[int, float]) -> None:
    data = trials(11, good)
    scaled = data / np.sqrt(long_run_variances(data, 3))  # arch does not scale, whatever it is told
    peer = StepM(np.zeros(250), -scaled, size=0.05, block_size=3, reps=500, seed=5)
    peer.compute()
    assert romano_wolf(data, 500, 5, 3.0).beaten_by(0.05).tolist() == sorted(good)
    assert set(peer.superior_models) == set(good)


def test_two_genuine_trials_are_found_in_every_data_set() -> None:
    # published for two genuine strategies among eight: both found every time
    for seed in range(40):
        found = romano_wolf(trials(seed, {0: 0.35, 3: 0.35}), 199, seed, 1.0)
        assert {0, 3} <= set(found.beaten_by(0.05).tolist())


def test_best_trial_has_the_upper_p_value_of_superior_ability() -> None:
    data = trials(4, {3: 0.15})
    best = superior_ability(data, 400, 2, 2.0)
    assert romano_wolf(data, 400, 2, 2.0).p_values[best.best] == best.p_upper


def test_worse_trials_never_have_smaller_p_values() -> None:
    data = trials(5, {1: 0.2, 2: 0.1})
    ratios = data.mean(axis=0) / np.sqrt(long_run_variances(data, 2.0))
    p_values = romano_wolf(data, 300, 1, 2.0).p_values
    assert (np.diff(p_values[np.argsort(-ratios)]) >= 0).all()


def test_trial_that_never_traded_beats_nothing() -> None:
    data = np.column_stack([trials(6, {4: 0.4}), np.zeros(250)])
    found = romano_wolf(data, 300, 1)
    assert found.p_values[8] == 1.0
    assert found.beaten_by().tolist() == [4]
    assert found.as_dict()["p_values"] == found.p_values.tolist()
