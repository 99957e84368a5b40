"""Does a function of candles look ahead? Give the same past another future: what was said of the past must not change by one bit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from strategies.audit.futures import FUTURES

Outputs = Mapping[str, NDArray[np.generic]]
OutputsOf = Callable[[Candles], Outputs]


@dataclass(frozen=True, slots=True)
class Leak:
    """The first bar before ``cut`` of which another ``future`` from ``cut`` on makes the function say something else.

    ``whole`` is the value with the real future, ``other`` the value with the other one. ``size`` is the largest relative difference
    of all values that changed; infinity where one of two is ``nan`` and where they are no measured values but decisions.
    """

    future: str
    cut: int
    output: str
    bar: int
    whole: float
    other: float
    size: float


def find_leaks(function: OutputsOf, candles: Candles, cuts: Iterable[int]) -> list[Leak]:
    """Return what the bars before each of ``cuts`` (1 to bars - 1) gave away about those after it; none for a causal function.

    ``function`` returns arrays with one element per bar.
    """
    whole = function(candles)
    found = (compare(whole, function(make(candles, cut)), cut, future) for cut in cuts for future, make in FUTURES.items())
    return [leak for leak in found if leak is not None]


def compare(whole: Outputs, other: Outputs, cut: int, future: str) -> Leak | None:
    """Return where ``other`` first differs from ``whole`` before bar ``cut``, None where it does not."""
    changed = list(_changes(whole, other, cut))
    if not changed:
        return None
    bar, name = min(((int(bars[0]), name) for name, bars in changed), key=lambda pair: pair[0])
    size = max(largest_difference(whole[name][bars], other[name][bars]) for name, bars in changed)
    return Leak(future, cut, name, bar, float(whole[name][bar]), float(other[name][bar]), size)


def _changes(whole: Outputs, other: Outputs, cut: int) -> Iterator[tuple[str, NDArray[np.int64]]]:
    for name, values in whole.items():
        bars = differing_bars(values[:cut], other[name][:cut])
        if len(bars):
            yield name, bars


def differing_bars(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return the bars whose bytes differ; two ``nan`` are equal, whatever bits they are made of."""
    bits = f"u{first.dtype.itemsize}"
    differ = np.ascontiguousarray(first).view(bits) != np.ascontiguousarray(second).view(bits)
    if first.dtype.kind == "f" and differ.any():
        differ &= ~(np.isnan(first) & np.isnan(second))
    return np.flatnonzero(differ)


def largest_difference(first: NDArray[np.generic], second: NDArray[np.generic]) -> float:
    """Return the largest difference relative to the larger of two values; infinity for decisions and where one of two is ``nan``."""
    if first.dtype.kind != "f":
        return float("inf")
    return float(np.max(relative_differences(first, second), initial=0.0))


def relative_differences(first: NDArray[np.generic], second: NDArray[np.generic]) -> NDArray[np.float64]:
    """Return the difference of every pair relative to the larger of the two; infinity where one is ``nan``, 0 where both are."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    with np.errstate(all="ignore"):
        drift = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    drift[np.isnan(drift)] = np.inf
    drift[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    return drift
