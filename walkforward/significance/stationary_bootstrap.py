"""The stationary bootstrap: other histories, made of stretches of the real one, and how long the stretches should be.

Days cannot be drawn one by one where a day depends on the day before: the drawn history would swing less than real ones do. So stretches
are drawn: each begins at a random day, its length is geometric with mean ``block``, and after the last day comes the first.

Sources: Politis & Romano 1994, "The Stationary Bootstrap"; block length: Politis & White 2004, corrected by Patton, Politis & White 2009.
"""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.errors import StatisticsError
from walkforward.significance.inputs import Floats, varying

Integers = NDArray[np.int64]

LEAST_PERIODS = 20
BATCH = 256  # histories at once: a few MB for a year of days, and the numbers drawn do not depend on it


def check_periods(values: Floats, dimensions: int) -> None:
    """Raise StatisticsError unless ``values`` has ``dimensions``, is finite, and is long enough to be drawn from in stretches."""
    if values.ndim != dimensions or not np.isfinite(values).all():
        raise StatisticsError(f"Returns must be finite numbers in {dimensions} dimension(s); these have {values.ndim} or a gap.")
    if len(values) < LEAST_PERIODS:
        raise StatisticsError(f"{len(values)} days are too few to draw other histories from: at least {LEAST_PERIODS} are needed.")


def check_block(block: float, periods: int) -> float:
    """Return ``block`` where it is a mean length in [1, ``periods``]; else raise StatisticsError."""
    if not 1.0 <= block <= periods:
        raise StatisticsError(f"A mean block of {block} days does not fit {periods} days: it must be from 1 to {periods}.")
    return float(block)


def common_block(matrix: Floats) -> float:
    """Return the mean block length (days, >= 1) for all columns of ``matrix`` (T x N): the median of ``optimal_blocks`` of those that vary.

    One length for all, since all columns are drawn together: what happened on one day to all trials stays together.
    Raises StatisticsError below ``LEAST_PERIODS`` days and where no column varies.
    """
    check_periods(matrix, 2)
    columns = np.ascontiguousarray(matrix[:, varying(matrix)])  # numpy adds in another order where days are not together
    if not columns.shape[1]:
        raise StatisticsError("The returns never change: there is nothing to draw other histories from.")
    return max(1.0, float(np.median(optimal_blocks(columns))))


def optimal_blocks(matrix: Floats) -> Floats:
    """Return, for each column of ``matrix`` (T x N, none constant), the best mean block length of its mean (days, may be below 1).

    With R(k) the autocovariance, ``b = (2 G^2 / D)^(1/3) T^(1/3)``, ``G = sum lam(k/M) |k| R(k)``, ``D = 2 (sum lam(k/M) R(k))^2``, sums
    over k = -M..M, lam the flat-top window (1 to one half, then down to 0 at one). M is twice the first lag at which K autocorrelations
    in a row begin to be below ``2 sqrt(log10(T) / T)``, K = max(5, log10 T); at most ``sqrt(T) + K``. b is at most
    ``min(3 sqrt(T), T/3)``.
    """
    periods = len(matrix)
    run = max(5, int(math.log10(periods)))
    last = math.ceil(math.sqrt(periods)) + run
    centred = matrix - matrix.mean(axis=0)
    covariances = np.array([(centred[lag:] * centred[: periods - lag]).sum(axis=0) for lag in range(last + 1)]) / periods
    window = np.minimum(2 * np.maximum(_first_quiet_lag(covariances / covariances[0], periods, run), 1), last)
    lags = np.arange(1, last + 1, dtype=np.float64)[:, None]
    weights = np.clip(2.0 * (1.0 - lags / window), 0.0, 1.0)
    slope = 2.0 * (weights * lags * covariances[1:]).sum(axis=0)
    level = covariances[0] + 2.0 * (weights * covariances[1:]).sum(axis=0)
    most = math.ceil(min(3.0 * math.sqrt(periods), periods / 3.0))
    with np.errstate(divide="ignore"):  # a spectrum of zero asks for the longest blocks there are
        return np.asarray(np.minimum(np.cbrt((slope / level) ** 2 * periods), most))


def _first_quiet_lag(correlations: Floats, periods: int, run: int) -> Integers:
    """Return for each column the lag >= 1 at which the first ``run`` small autocorrelations in a row begin; the last lag if none do."""
    quiet = np.abs(correlations[1:]) < 2.0 * math.sqrt(math.log10(periods) / periods)
    runs = np.lib.stride_tricks.sliding_window_view(quiet, run, axis=0).all(axis=-1)
    found: Integers = np.where(runs.any(axis=0), runs.argmax(axis=0) + 1, len(correlations) - 1)
    return found


def stationary_indices(periods: int, block: float, resamples: int, seed: int) -> Iterator[Integers]:
    """Yield the drawn histories in batches int64[b, T]: day numbers in [0, ``periods``), in the order in which they happen.

    ``block``: mean length of a stretch in days, 1 = days drawn one by one. Together the batches have ``resamples`` rows; the same
    ``seed`` gives the same rows.
    """
    check_block(block, periods)
    if resamples < 1:
        raise StatisticsError(f"{resamples} resamples: at least one history must be drawn.")
    generator = np.random.Generator(np.random.PCG64(seed))
    places = np.arange(periods)
    for first in range(0, resamples, BATCH):
        shape = (min(BATCH, resamples - first), periods)
        begins = generator.random(shape) < 1.0 / block
        starts = generator.integers(0, periods, shape)
        begun = np.maximum.accumulate(np.where(begins, places, 0), axis=1)  # a stretch begins on the first day in any case
        yield (np.take_along_axis(starts, begun, axis=1) + places - begun) % periods


def resampled_means(matrix: Floats, block: float, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield the mean of every column of ``matrix`` (T x N) over each drawn history, in batches float64[b, N].

    A mean needs only how often each day was drawn. ``einsum`` adds in one order whatever the number of threads, which BLAS does not say.
    """
    periods = len(matrix)
    columns = np.ascontiguousarray(matrix)
    for indices in stationary_indices(periods, block, resamples, seed):
        rows = len(indices)
        flat = (indices + np.arange(rows)[:, None] * periods).ravel()
        counts = np.bincount(flat, minlength=rows * periods).reshape(rows, periods).astype(np.float64)
        yield np.einsum("bt,tn->bn", counts, columns) / periods


def long_run_variances(matrix: Floats, block: float) -> Floats:
    """Return, for each column of ``matrix`` (T x N), the variance of ``sqrt(T)`` times its resampled mean: exact, not drawn.

    ``sum over lags i of (1 - |i|/T) (1 - 1/block)^|i| R(i)``, R the circular autocovariance (Politis & Romano 1994, lemma 1).
    """
    periods = len(matrix)
    spectrum = np.fft.rfft((matrix - matrix.mean(axis=0)).T)
    circular = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, periods) / periods
    lags = np.arange(1, periods)
    weights = (1.0 - lags / periods) * np.exp(lags * math.log1p(-1.0 / block)) if block > 1 else np.zeros(periods - 1)
    return np.asarray(circular[:, 0] + 2.0 * np.einsum("t,nt->n", weights, circular[:, 1:]))
