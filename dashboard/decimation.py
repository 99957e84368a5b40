"""Long series made short enough for a screen without losing a single high or low."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

MAX_POINTS = 2000
MAX_CANDLES = 1500


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time asked for: UTC milliseconds, both ends included; None is open."""

    start_ms: int | None = None
    end_ms: int | None = None

    def of(self, frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """Return the rows inside, with one more on either side so that lines run on to the border; all if the span misses the data."""
        times = frame[column]
        first = 0 if self.start_ms is None else int(times.search_sorted(self.start_ms, side="left"))
        last = len(frame) if self.end_ms is None else int(times.search_sorted(self.end_ms, side="right"))
        if first == len(frame) or last == 0:
            return frame
        first, last = max(0, first - 1), min(len(frame), last + 1)
        return frame.slice(first, last - first)


def extremes(values: NDArray[np.float64], limit: int = MAX_POINTS) -> NDArray[np.int64]:
    """Return rising indices of at most ``limit`` of ``values``: the first, the last, and every bucket's smallest and largest."""
    count = len(values)
    if count <= limit:
        return np.arange(count)
    buckets = max(1, (limit - 2) // 2)
    size = -(-count // buckets)
    buckets = -(-count // size)
    starts = np.arange(buckets) * size
    low, high = (_padded(values, buckets * size, fill).reshape(buckets, size) for fill in (np.inf, -np.inf))
    found = np.concatenate([[0, count - 1], low.argmin(axis=1) + starts, high.argmax(axis=1) + starts])
    return np.unique(np.minimum(found, count - 1))


def _padded(values: NDArray[np.float64], length: int, fill: float) -> NDArray[np.float64]:
    padded = np.full(length, fill)
    padded[: len(values)] = np.where(np.isnan(values), fill, values)
    return padded


def merge_candles(candles: pl.DataFrame, limit: int = MAX_CANDLES) -> tuple[pl.DataFrame, int]:
    """Return at most ``limit`` candles, and how many neighbours each of them stands for."""
    size = -(-len(candles) // limit) if len(candles) else 1
    if size <= 1:
        return candles, 1
    merged = (
        candles.with_row_index("row")
        .group_by(pl.col("row") // size, maintain_order=True)
        .agg(
            pl.col("timestamp").first(), pl.col("open").first(), pl.col("high").max(), pl.col("low").min(),
            pl.col("close").last(), pl.col("volume").sum(),
        )
        .drop("row")
    )  # fmt: skip
    return merged, size
