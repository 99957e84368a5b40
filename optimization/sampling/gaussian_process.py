"""A Gaussian process (scikit-optimize) as an Optuna sampler: few trials, each of them chosen with care."""

import warnings
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from core.seeds import derive_seed
from optimization.sampling.distributions import Distributions, varied

STARTUP_TRIALS = 10
# Points among which the next one is chosen: all of a small space, else so many at random and so many about the best trial.
CANDIDATES = 2_000
_NEAR = 500
_NEAR_SPREAD = 0.1  # of a parameter's range
_RESTARTS = 1

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


class GaussianProcessSampler(BaseSampler):
    """The point of the grid, not tried yet, of the highest expected improvement under a Gaussian process (Matern 5/2, a length for every
    parameter, noise) fitted to all trials so far.

    A trial without a valid value (too few trades, ruin, a broken constraint, failed, still open in this batch) counts as the worst one
    that has one. The first trials are random. Linear algebra runs on one thread, so that the same history gives the same point with any
    number of cores.
    """

    def __init__(self, seed: int, space: Distributions) -> None:
        self._seed, self._varied = seed, varied(space)
        self._uniform = RandomSampler(seed=derive_seed(seed, "uniform"))

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        """Return the parameters that have more than one value."""
        return self._varied

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: Distributions) -> dict[str, Any]:
        """Return the next point, or nothing while there is too little to learn from."""
        earlier = [each for each in study.get_trials(deepcopy=False) if each.number != trial.number]
        values = [value for value in map(_value, earlier) if value is not None]
        finished = sum(each.state.is_finished() for each in earlier)
        if not search_space or finished < STARTUP_TRIALS or len(set(values)) < 2:
            return {}
        worst = min(values)
        scores = np.array([worst if (value := _value(each)) is None else value for each in earlier])
        seen = np.array([[each.params[name] for name in search_space] for each in earlier], np.int64)
        last = np.array([cast(IntDistribution, grid).high for grid in search_space.values()], np.int64)
        candidates = _candidates(last, seen, seen[np.argmax(scores)], np.random.default_rng(self._seed))
        if not len(candidates):
            return {}
        chosen = candidates[np.argmax(_expected_improvement(seen / last, -scores, candidates / last, self._seed))]
        return dict(zip(search_space, chosen.tolist(), strict=True))

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution) -> Any:
        """Return a random value."""
        return self._uniform.sample_independent(study, trial, param_name, param_distribution)


def _value(trial: FrozenTrial) -> float | None:
    """Return the value of a trial that has one and breaks no constraint."""
    valid = trial.state is TrialState.COMPLETE and all(violation <= 0 for violation in trial.constraints.values())
    return trial.value if valid else None


def _candidates(last: Places, seen: Places, best: Places, generator: np.random.Generator) -> Places:
    """Return points of the grid (i64[n, d]) that are not among ``seen``."""
    if np.prod(last + 1.0) <= CANDIDATES:
        points = np.stack(np.meshgrid(*(np.arange(each + 1) for each in last), indexing="ij"), axis=-1).reshape(-1, len(last))
    else:
        anywhere = generator.integers(0, last + 1, (CANDIDATES - _NEAR, len(last)))
        near = np.rint(best + generator.standard_normal((_NEAR, len(last))) * np.maximum(_NEAR_SPREAD * last, 1.0)).astype(np.int64)
        points = np.concatenate((anywhere, np.clip(near, 0, last)))
    known = {row.tobytes() for row in seen}
    return points[[row.tobytes() not in known for row in np.ascontiguousarray(points, np.int64)]]


def _expected_improvement(points: Floats, losses: Floats, candidates: Floats, seed: int) -> Floats:
    """Return how much lower than the lowest of ``losses`` each candidate may be expected to be; all coordinates in [0, 1]."""
    # Two seconds to load, for this one sampler.
    from sklearn.exceptions import ConvergenceWarning
    from skopt.acquisition import gaussian_ei
    from skopt.learning import GaussianProcessRegressor
    from skopt.learning.gaussian_process.kernels import ConstantKernel, Matern
    from threadpoolctl import threadpool_limits

    lengths = np.ones(points.shape[1])
    kernel = ConstantKernel(1.0, (0.01, 1000.0)) * Matern(lengths, [(0.01, 100.0)] * len(lengths), nu=2.5)
    model = GaussianProcessRegressor(kernel, noise="gaussian", normalize_y=True, n_restarts_optimizer=_RESTARTS, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound: the parameter does not matter
        model.fit(points, losses)
        expected: Floats = gaussian_ei(candidates, model, y_opt=float(losses.min()))
    return expected
