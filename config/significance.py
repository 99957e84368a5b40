"""SignificanceConfig: how thoroughly a run asks whether its result is luck."""

from typing import Annotated

from pydantic import Field, model_validator

from config.base import Settings

Count = Annotated[int, Field(ge=0, le=1_000_000)]


class SignificanceConfig(Settings):
    """How many times luck gets a try.

    ``resamples``: of every bootstrap. ``permutations`` and ``walkforward_permutations``: shuffled histories that the search, and the whole
    walk-forward, are repeated on; 0 leaves that test out, and its gate then fails for want of a number. ``overfitting_blocks``: the even
    number of stretches of time that the probability of backtest overfitting recombines. ``path_groups`` and ``path_test_groups``: of the
    combinatorial paths. ``most_trials``: of how many trials the daily returns are compared; of a larger search the best and a seeded
    draw of the others.
    """

    resamples: Annotated[int, Field(ge=100, le=1_000_000)] = 2_000
    permutations: Count = 200
    walkforward_permutations: Count = 100
    overfitting_blocks: Annotated[int, Field(ge=4, le=24)] = 16
    path_groups: Annotated[int, Field(ge=3, le=16)] = 6
    path_test_groups: Annotated[int, Field(ge=1, le=15)] = 2
    most_trials: Annotated[int, Field(ge=10, le=10_000)] = 1_000

    @model_validator(mode="after")
    def _even_blocks_and_fewer_tested(self) -> "SignificanceConfig":
        if self.overfitting_blocks % 2:
            raise ValueError(f"overfitting_blocks = {self.overfitting_blocks} must be even: one half of them is chosen on, the other tests")
        if self.path_test_groups >= self.path_groups:
            raise ValueError(f"path_test_groups = {self.path_test_groups} must be fewer than path_groups = {self.path_groups}")
        return self
