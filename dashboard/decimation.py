"""Long series made short enough for a screen without losing a single high or low."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from tsdownsample import M4Downsampler

MAX_POINTS = 2000
MAX_CANDLES = 1500
_M4: Any = M4Downsampler()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time asked for: UTC milliseconds, both ends included; None is open."""

    start_ms: int | None = None
    end_ms: int | None = None

    def of(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Return the rows inside, with one more on either side so that lines run on to the border; all if the span misses the data."""
        rows = self.rows(frame[column].to_numpy())
        return frame.slice(rows.start, rows.stop - rows.start)

    def rows(self, times: NDArray[np.int64]) -> slice:
        """Return which of the rising ``times`` lie inside, with one more on either side; all if the span misses them."""
        first = 0 if self.start_ms is None else int(np.searchsorted(times, self.start_ms, side="left"))
        last = len(times) if self.end_ms is None else int(np.searchsorted(times, self.end_ms, side="right"))
        if first == len(times) or last == 0:
            return slice(0, len(times))
        return slice(max(0, first - 1), min(len(times), last + 1))


def extremes(values: NDArray[np.float64], limit: int = MAX_POINTS) -> NDArray[np.int64]:
    """Return rising indices of at most ``limit`` (>= 4) of ``values``: of each stretch the first, the last, the smallest and the largest.

    A line through these points covers the very pixels that the line through all of them would, where a stretch is a pixel wide.
    """
    if len(values) <= limit:
        return np.arange(len(values))
    found: NDArray[np.uint64] = _M4.downsample(np.ascontiguousarray(values), n_out=max(4, limit - limit % 4))
    return np.unique(found).astype(np.int64)


def merge_candles(candles: pl.DataFrame, limit: int = MAX_CANDLES) -> tuple[pl.DataFrame, int]:
    """Return at most ``limit`` candles, and how many neighbours each of them stands for."""
    size = -(-len(candles) // limit) if len(candles) else 1
    if size <= 1:
        return candles, 1
    starts = np.arange(0, len(candles), size)
    ends = np.append(starts[1:], len(candles)) - 1
    column = {name: candles[name].to_numpy() for name in ("timestamp", "open", "high", "low", "close", "volume")}
    merged = {
        "timestamp": column["timestamp"][starts],
        "open": column["open"][starts],
        "high": np.maximum.reduceat(column["high"], starts),
        "low": np.minimum.reduceat(column["low"], starts),
        "close": column["close"][ends],
        "volume": np.add.reduceat(column["volume"], starts),
    }
    return pl.DataFrame(merged), size
