"""Small candle tables and files for tests."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

HOUR_MS = 3_600_000
START_MS = 1_704_067_200_000  # 2024-01-01, a Monday
NAMES = ("timestamp", "open", "high", "low", "close", "volume")


def table(bars: int = 48, step_ms: int = HOUR_MS, start_ms: int = START_MS) -> pl.DataFrame:
    """Return sound candles: timestamp (UTC ms), open, high, low, close, volume."""
    k = np.arange(bars)
    opens = 100.0 + k % 7
    closes = 100.0 + (k + 1) % 7
    return pl.DataFrame(
        {
            "timestamp": start_ms + k * step_ms,
            "open": opens,
            "high": np.maximum(opens, closes) + 0.5,
            "low": np.minimum(opens, closes) - 0.25,
            "close": closes,
            "volume": 10.0 + k % 5,
        }
    )


def rows_of(frame: pl.DataFrame) -> list[tuple[object, ...]]:
    return frame.select(NAMES).rows()


def write_csv(path: Path, frame: pl.DataFrame) -> Path:
    frame.write_csv(path)
    return path


def write_lines(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return path
