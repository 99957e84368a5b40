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
        if self.time_ms.shape != self.rate.shape or self.time_ms.ndim != 1:
            raise DataError(f"funding: {self.time_ms.shape} times do not fit {self.rate.shape} rates. Give one rate for every time.")
        if (np.diff(self.time_ms) <= 0).any():
            raise DataError("funding: the times do not rise. Sort them, and give each time once.")
        if not np.isfinite(self.rate).all():
            raise DataError(f"funding: {int((~np.isfinite(self.rate)).sum())} rates are no finite numbers. Leave out what is not known.")

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
