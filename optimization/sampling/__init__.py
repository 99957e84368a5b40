"""Samplers by name.

What is random is made anew for every trial, from a seed of its own: a generator that lives on would draw from where it stands, which a
resumed search cannot know. So the next point is a function of the seed and the history only.
"""

from collections.abc import Callable, Mapping

from optuna.samplers import BaseSampler

from config.optimization import SAMPLERS, STUDY_FREE_SAMPLERS
from core.errors import ConfigError
from core.suggest import did_you_mean
from optimization.sampling.distributions import Distributions, distributions_of
from optimization.sampling.draws import Draws, Sobol, Uniform
from optimization.sampling.gaussian_process import GaussianProcessSampler
from optimization.sampling.genetic import FixedSpaceNSGAII, FixedSpaceNSGAIII
from optimization.sampling.grid import Grid
from optimization.sampling.tpe import FixedSpaceTPE
from optimization.space import SearchSpace

__all__ = ["Distributions", "Draws", "check_name", "distributions_of", "is_study_free", "make_draws", "make_sampler"]

# Of an Optuna study; "cmaes" keeps its own state (optimization/sampling/evolution.py).
_STUDY_SAMPLERS: Mapping[str, Callable[[int, Distributions], BaseSampler]] = {
    "tpe": FixedSpaceTPE,
    "gp": GaussianProcessSampler,
    "nsga2": FixedSpaceNSGAII,
    "nsga3": FixedSpaceNSGAIII,
}


def check_name(name: str) -> None:
    """Raise ConfigError, which offers the nearest name, when there is no sampler called ``name``."""
    if name not in SAMPLERS:
        raise ConfigError(f"sampler '{name}' is not known.{did_you_mean(name, SAMPLERS)}")


def is_study_free(name: str) -> bool:
    """Return whether the sampler's points depend on the trials' numbers only; ConfigError when there is no such sampler."""
    check_name(name)
    return name in STUDY_FREE_SAMPLERS


def make_sampler(name: str, seed: int, space: Distributions) -> BaseSampler:
    """Return the sampler called ``name`` of a study over ``space``, seeded with ``seed``; ConfigError when no study has such a one."""
    check_name(name)
    if name not in _STUDY_SAMPLERS:
        raise ConfigError(f"sampler '{name}' needs no study. Those that do: {', '.join(_STUDY_SAMPLERS)}")
    return _STUDY_SAMPLERS[name](seed, space)


def make_draws(name: str, seed: int, space: SearchSpace, budget: int) -> Draws:
    """Return the study-free sampler called ``name`` for ``budget`` trials; ConfigError when it is none, or ``space`` has no dimension."""
    if not is_study_free(name):
        raise ConfigError(f"sampler '{name}' learns from its trials. Those that do not: {', '.join(STUDY_FREE_SAMPLERS)}")
    if not space.dimensions:
        raise ConfigError("there is no parameter to search: the space is empty. Declare a Param for a stage of the search.")
    if name == "grid":
        return Grid(space, budget)
    return Sobol(space, seed, budget) if name == "qmc" else Uniform(space, seed, budget)
