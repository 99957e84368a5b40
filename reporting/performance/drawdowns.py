"""Drawdowns: every stretch from a highest point to where it is reached again."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest_engine.metrics import drawdowns
from core.timeframe import DAY_MS

Floats = NDArray[np.float64]
Times = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drawdown:
    """One stretch below a peak. Times are UTC ms, the opens of bars: ``start_ms`` of the peak, ``trough_ms`` of the lowest close,
    ``recovery_ms`` of the first close at or above the peak (None: not yet). ``depth`` (percent) and ``depth_quote`` are <= 0; ``days``
    runs from peak to recovery, or to the end of the data.
    """

    start_ms: int
    trough_ms: int
    recovery_ms: int | None
    depth: float
    depth_quote: float
    days: float

    def as_dict(self) -> dict[str, Any]:
        """Return the fields by name."""
        return asdict(self)


def deepest_drawdowns(times: Times, equity: Floats, count: int = 5) -> list[Drawdown]:
    """Return what ``deepest(find_drawdowns(times, equity), count)`` does, without describing the thousands that are not wanted."""
    firsts, ends = _stretches(equity)
    if not len(firsts):
        return []
    # The stretch between two drawdowns belongs to the first of them here; it has no bar below that one's peak.
    depths = np.minimum.reduceat(equity, firsts) / equity[firsts - 1] - 1.0
    chosen = np.argsort(depths, kind="stable")[: 2 * count]
    found = [_drawdown(times, equity, int(firsts[place]), int(ends[place])) for place in np.sort(chosen)]
    return deepest(found, count)


def find_drawdowns(times: Times, equity: Floats) -> list[Drawdown]:
    """Return every drawdown of ``equity`` (float64[T], at the close of the bars that open at ``times``), oldest first."""
    firsts, ends = _stretches(equity)
    return [_drawdown(times, equity, int(first), int(end)) for first, end in zip(firsts, ends, strict=True)]


def deepest(found: list[Drawdown], count: int = 5) -> list[Drawdown]:
    """Return the ``count`` deepest in percent, deepest first; of equal ones the older."""
    return sorted(found, key=lambda each: each.depth)[:count]


def ulcer_index(equity: Floats) -> float:
    """Return the root of the mean square of every bar's drawdown, in percent (Martin and McCann 1989)."""
    return float(np.sqrt((drawdowns(equity) ** 2).mean()))


def _stretches(equity: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first bar of every drawdown and the bar after its last, oldest first."""
    below = equity < np.maximum.accumulate(equity)
    edges = np.flatnonzero(np.diff(below.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]


def _drawdown(times: Times, equity: Floats, first: int, end: int) -> Drawdown:
    """Describe the stretch of bars [first, end), all of them below the close before it."""
    peak, trough = first - 1, first + int(np.argmin(equity[first:end]))
    recovered = end < len(equity)
    fall = float(equity[trough] - equity[peak])
    until = int(times[end if recovered else end - 1])
    days = (until - int(times[peak])) / DAY_MS
    return Drawdown(
        int(times[peak]), int(times[trough]), until if recovered else None, 100.0 * fall / float(equity[peak]), fall, days
    )  # fmt: skip
