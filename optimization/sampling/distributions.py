"""The space as a study sees it: one whole number per parameter, its place on the grid."""

from optuna.distributions import BaseDistribution, IntDistribution

from optimization.space import SearchSpace

Distributions = dict[str, BaseDistribution]


def distributions_of(space: SearchSpace) -> Distributions:
    """Return the grid indices of ``space``."""
    return {each.name: IntDistribution(0, each.last) for each in space.dimensions}


def varied(space: Distributions) -> Distributions:
    """Return what there is to choose: without the parameters of a single value."""
    return {name: grid for name, grid in space.items() if not grid.single()}
