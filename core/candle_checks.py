"""The strict candle contract: what is wrong with a series, how often, and where first."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.clock import format_utc
from core.errors import DataError
from core.timeframe import Timeframe

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
PRICE_NAMES = ("open", "high", "low", "close")
# 2200-01-01: times beyond it are microseconds or nanoseconds taken for milliseconds.
_END_OF_TIMES_MS = 7_258_118_400_000


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: how many bars break it and which one first (row number and open time)."""

    rule: str
    count: int
    row: int
    open_ms: int
    detail: str

    def __str__(self) -> str:
        return f"{self.count} bar(s) {self.rule}, first at row {self.row} ({format_utc(self.open_ms)} UTC): {self.detail}"


def find_violations(open_ms: Times, prices: dict[str, Floats], volume: Floats, timeframe: Timeframe) -> list[Violation]:
    """Return every broken rule of the candle contract, in a fixed order; an empty list means that the series is sound.

    ``prices`` holds open, high, low and close; all arrays have the same length.
    """
    steps = np.diff(open_ms)
    checks = (
        ("repeat the time of the bar before", _after_first(steps == 0)),
        ("go back in time", _after_first(steps < 0)),
        ("lie outside the years 1970 to 2199 (times are UTC milliseconds)", (open_ms < 0) | (open_ms >= _END_OF_TIMES_MS)),
        (f"are off the {timeframe} grid", (open_ms - timeframe.offset_ms) % timeframe.ms != 0),
    )
    in_time = [_violation(rule, bad, open_ms, prices, volume) for rule, bad in checks if bad.any()]
    return in_time + find_value_violations(open_ms, prices, volume)


def find_value_violations(open_ms: Times, prices: dict[str, Floats], volume: Floats) -> list[Violation]:
    """Return the broken rules of prices and volumes alone, whatever the order of the bars; see ``find_violations``."""
    open_, high, low, close = (prices[name] for name in PRICE_NAMES)
    with np.errstate(invalid="ignore", over="ignore"):
        checks = (
            ("hold a price that is missing or not finite", ~np.isfinite(open_ + high + low + close)),
            ("hold a price that is not positive", (open_ <= 0) | (high <= 0) | (low <= 0) | (close <= 0)),
            ("have a high below the open, low or close", (high < open_) | (high < close) | (high < low)),
            ("have a low above the open or close", (low > open_) | (low > close)),
            ("hold a volume that is missing, not finite or negative", ~np.isfinite(volume) | (volume < 0)),
        )
    return [_violation(rule, bad, open_ms, prices, volume) for rule, bad in checks if bad.any()]


def require_sound(open_ms: Times, prices: dict[str, Floats], volume: Floats, timeframe: Timeframe, name: str) -> None:
    """Raise DataError with all violations of the series called ``name``; do nothing when there are none."""
    violations = find_violations(open_ms, prices, volume, timeframe)
    if violations:
        listed = "; ".join(str(violation) for violation in violations)
        raise DataError(f"{name}: {listed}. Candles are never repaired silently: fix or replace the source.")


def _after_first(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.concatenate((np.zeros(1, np.bool_), flags))


def _violation(rule: str, bad: NDArray[np.bool_], open_ms: Times, prices: dict[str, Floats], volume: Floats) -> Violation:
    row = int(np.argmax(bad))
    shown = ", ".join(f"{name}={prices[name][row]:g}" for name in PRICE_NAMES)
    return Violation(rule, int(bad.sum()), row, int(open_ms[row]), f"{shown}, volume={volume[row]:g}")
