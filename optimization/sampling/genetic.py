"""NSGA-II and NSGA-III: generations of trials that cross and mutate, for several objectives at once or for one."""

import warnings
from typing import Any

from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, NSGAIIISampler, NSGAIISampler, RandomSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from core.seeds import derive_seed
from optimization.sampling.distributions import Distributions, varied

# Trials in a generation: three batches of the usual size, so that 150 trials are six generations (Optuna's own 50 would leave three).
POPULATION = 24


class _KnownSpace:
    """What makes a sampler of Optuna's one for a space that is known."""

    def _know(self, seed: int, space: Distributions) -> None:
        self._varied, self._uniform = varied(space), _uniform(seed)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        return self._varied

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution) -> Any:
        return self._uniform.sample_independent(study, trial, param_name, param_distribution)


class FixedSpaceNSGAII(_KnownSpace, NSGAIISampler):
    """NSGA-II over a space that is known."""

    def __init__(self, seed: int, space: Distributions) -> None:
        super().__init__(population_size=POPULATION, seed=seed)
        self._know(seed, space)


class FixedSpaceNSGAIII(_KnownSpace, NSGAIIISampler):
    """NSGA-III over a space that is known."""

    def __init__(self, seed: int, space: Distributions) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ExperimentalWarning)  # its interface may change; Optuna's version is bounded
            super().__init__(population_size=POPULATION, seed=seed)
        self._know(seed, space)


def _uniform(seed: int) -> BaseSampler:
    """Return what draws first generations and mutations. With the sampler's own seed, both of which are new for every trial, a mutated
    value would follow from the number that decided on the crossover."""
    return RandomSampler(seed=derive_seed(seed, "uniform"))
