"""What the tests against other implementations share: their draws and their standard errors."""

from collections.abc import Iterator

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from numpy.typing import NDArray

from walkforward.significance import differences, stationary_bootstrap
from walkforward.significance.inputs import Floats
from walkforward.significance.stationary_bootstrap import resampled_means


def draw_as_arch(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Have histories drawn by arch, from ``seed``."""

    def drawn(periods: int, block: float, resamples: int, _seed: int) -> Iterator[NDArray[np.int64]]:
        bootstrap = StationaryBootstrap(int(block), np.arange(periods), seed=seed)
        yield np.array([data[0][0] for data in bootstrap.bootstrap(resamples)])

    monkeypatch.setattr(stationary_bootstrap, "stationary_indices", drawn)


def take_errors_as_holdout(monkeypatch: pytest.MonkeyPatch, resamples: int, seed: int) -> None:
    """Have standard errors estimated by the draws, as holdout does, not taken from the closed form of what they estimate.

    Of up to one batch of histories its draws are the same as ours.
    """

    def variances(matrix: Floats, block: float) -> Floats:
        (means,) = resampled_means(matrix, block, resamples, seed)
        return np.asarray(len(matrix) * means.var(axis=0, ddof=1))

    monkeypatch.setattr(differences, "long_run_variances", variances)
