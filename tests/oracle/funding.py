"""What a perpetual's holders pay each other, and when."""

from collections.abc import Sequence

from tests.oracle.bars import Bar
from tests.oracle.settings import Settings

HOUR_MS = 3_600_000


def rate_due(bars: Sequence[Bar], t: int, funding: Sequence[tuple[int, float]], settings: Settings) -> float:
    """Return the sum of the rates due in [T[t], T[t+1]): the data's own, else the constant at every multiple of its interval."""
    start = bars[t].open_ms
    last = t + 1 == len(bars)
    after = start + settings.bar_ms // settings.detail_bars if last else bars[t + 1].open_ms
    if funding:
        return _total([rate for time, rate in funding if start <= time < after])
    interval = settings.funding_interval_hours * HOUR_MS
    first = -(-start // interval)
    due = -(-after // interval) - first
    return settings.funding_rate * due


def _total(rates: Sequence[float]) -> float:
    total = 0.0
    for rate in rates:
        total += rate
    return total
