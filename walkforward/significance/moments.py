"""The moments of a series of returns that the Sharpe ratio's own uncertainty depends on."""

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats, checked_matrix, checked_returns, varying

_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Moments:
    """``periods`` returns: ``mean`` and ``std`` (ddof 1, > 0) per period, ``skew`` (normal: 0), raw ``kurtosis`` (normal: 3, not 0).

    ``autocorrelation`` is that of neighbours (lag 1), in (-1, 1). StatisticsError for fewer than two periods or a std of 0.
    """

    periods: int
    mean: float
    std: float
    skew: float = 0.0
    kurtosis: float = 3.0
    autocorrelation: float = 0.0

    def __post_init__(self) -> None:
        if not (self.periods >= 2 and self.std > 0 and -1 < self.autocorrelation < 1):
            raise StatisticsError(f"no Sharpe ratio: {self.periods} periods, std {self.std:g}, autocorrelation {self.autocorrelation:g}")

    @property
    def sharpe(self) -> float:
        """The Sharpe ratio per period, not per year: ``mean / std``."""
        return self.mean / self.std

    def as_dict(self) -> dict[str, float]:
        """Return the six numbers by name."""
        return asdict(self)


def moments_of(returns: ArrayLike) -> Moments:
    """Return the moments of float64[T] ``returns`` per period, T >= 3.

    With z = (r - mean) / s, s of ddof 0: skew = mean(z^3), kurtosis = mean(z^4), autocorrelation = sum(z_t z_(t-1)) / sum(z_t^2).
    These biased forms are the ones in the papers on the Sharpe ratio. StatisticsError: too few, not finite, or all the same.
    """
    values = checked_returns(returns, _FEWEST)
    mean, std = float(np.mean(values)), float(np.std(values, ddof=1))
    z = (values - mean) / np.std(values)
    autocorrelation = float(np.sum(z[1:] * z[:-1]) / np.sum(z * z))
    return Moments(len(values), mean, std, float(np.mean(z**3)), float(np.mean(z**4)), autocorrelation)


def trial_sharpes(matrix: ArrayLike) -> Floats:
    """Return float64[N]: the Sharpe ratio per period of every column of float64[T, N]; nan for a trial whose returns never change.

    StatisticsError for fewer than three days and for returns that are not finite.
    """
    values = checked_matrix(matrix, fewest=1)
    moving = varying(values)
    std = np.where(moving, np.std(values, axis=0, ddof=1), 1.0)
    return np.where(moving, np.mean(values, axis=0) / std, np.nan)


def sharpe_variance(sharpes: ArrayLike) -> float:
    """Return the variance (ddof 1) of float64[N] ``trial_sharpes``: how far apart the trials are, in squared per-period ratios.

    nan, a trial without a ratio, is left out. StatisticsError where fewer than two trials have one.
    """
    ratios = np.asarray(sharpes, dtype=np.float64)
    defined = ratios[np.isfinite(ratios)]
    if len(defined) < 2:
        raise StatisticsError(f"{len(defined)} of {len(ratios)} trials have a Sharpe ratio: two are needed for the variance among them")
    return float(np.var(defined, ddof=1))
