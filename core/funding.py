"""Funding of a perpetual: what one side of the market pays the other at certain times."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.candles import Candles
from core.errors import DataError


@dataclass(frozen=True, eq=False)
class FundingRates:
    """Funding of a perpetual: ``time_ms`` int64 UTC, rising; ``rate`` fractions of the notional, paid by longs when positive.

    DataError for arrays of different length, times that do not rise and rates that are not finite.
    """

    time_ms: NDArray[np.int64]
    rate: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse rates that cannot be charged."""
        times, rates = np.asarray(self.time_ms), np.asarray(self.rate)
        if times.ndim != 1 or times.shape != rates.shape:
            raise DataError(f"funding needs one rate for each time, but there are {times.shape} times and {rates.shape} rates.")
        if len(times) and (times.dtype.kind not in "iu" or rates.dtype.kind not in "iuf"):
            raise DataError(f"funding times must be whole milliseconds and rates numbers, but they are {times.dtype} and {rates.dtype}.")
        late = np.flatnonzero(np.diff(times) <= 0)
        if len(late):
            raise DataError(f"funding times do not rise: number {late[0] + 1} is {times[late[0] + 1]}, after {times[late[0]]}.")
        wrong = np.flatnonzero(~np.isfinite(rates))
        if len(wrong):
            raise DataError(f"a funding rate is not finite: number {wrong[0]} is {rates[wrong[0]]}.")

    def __len__(self) -> int:
        return len(self.time_ms)

    def per_bar(self, candles: Candles) -> NDArray[np.float64]:
        """Return the sum of the rates due in ``[open, next open)`` of each bar."""
        sums = np.zeros(len(candles))
        bar = np.searchsorted(candles.open_ms, self.time_ms, side="right") - 1
        inside = (bar >= 0) & (self.time_ms < candles.end_ms)
        np.add.at(sums, bar[inside], self.rate[inside])
        return sums

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of times and rates."""
        sha = hashlib.sha256(f"funding|{len(self)}".encode())
        sha.update(np.ascontiguousarray(self.time_ms).data)
        sha.update(np.ascontiguousarray(self.rate).data)
        return sha.hexdigest()
