"""Stored series in table cells."""

from core.candles import Candles
from core.clock import format_utc
from market_data import Hole
from market_data.store import SeriesInfo

NOTHING = "-"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    if count < 1_000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1_000:.1f} kB"
    return f"{count / 1_000_000:,.1f} MB"


def counted(count: int, noun: str) -> str:
    """Return ``1 bar``, ``2,000 bars``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def span_of(candles: Candles | None) -> tuple[str, str]:
    """Return the open of the first bar and the close of the last one."""
    return (NOTHING, NOTHING) if candles is None else (format_utc(int(candles.open_ms[0])), format_utc(candles.end_ms))


def holes_in(holes: list[Hole]) -> str:
    """Return how many holes there are, and of how many bars."""
    missing = sum(hole.bars for hole in holes)
    return f"{len(holes):,} ({counted(missing, 'bar')})" if holes else "none"


def per_candle(info: SeriesInfo) -> str:
    """Return the bytes that one candle takes."""
    return f"{info.bytes / info.rows:.1f}" if info.rows else NOTHING
