"""Samplers by name, each made anew with its own seed before every trial.

A sampler that lives on would draw from where its generator stands, which a resumed search cannot know. Made anew from (seed, trial),
the next point is a function of the seed and the history only.
"""

from collections.abc import Callable, Mapping

from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from core.errors import ConfigError
from core.suggest import did_you_mean

Distributions = dict[str, BaseDistribution]


class _FixedSpaceTPE(TPESampler):
    """Multivariate TPE over a space that is known. Optuna's own would infer it from all trials, again before every single one."""

    def __init__(self, seed: int, space: Distributions) -> None:
        super().__init__(seed=seed, multivariate=True, constant_liar=True)  # a batch spreads out: its open trials count as bad
        self._varied = {name: grid for name, grid in space.items() if not grid.single()}

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        return self._varied


SAMPLERS: Mapping[str, Callable[[int, Distributions], BaseSampler]] = {
    "tpe": _FixedSpaceTPE,
    "random": lambda seed, _space: RandomSampler(seed=seed),
}


def make_sampler(name: str, seed: int, space: Distributions) -> BaseSampler:
    """Return the sampler called ``name`` for ``space``, seeded with ``seed``; ConfigError offers the nearest name."""
    make = SAMPLERS.get(name)
    if make is None:
        raise ConfigError(f"sampler '{name}' is not known.{did_you_mean(name, SAMPLERS)}")
    return make(seed, space)
