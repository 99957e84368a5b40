"""TPE, the default: a density of the good trials over a density of the others, of all parameters together."""

from optuna.samplers import TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from optimization.sampling.distributions import Distributions, varied


class FixedSpaceTPE(TPESampler):
    """Multivariate TPE over a space that is known. Optuna's own would infer it from all trials, again before every single one."""

    def __init__(self, seed: int, space: Distributions) -> None:
        super().__init__(seed=seed, multivariate=True, constant_liar=True)  # a batch spreads out: its open trials count as bad
        self._varied = varied(space)

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> Distributions:
        return self._varied
