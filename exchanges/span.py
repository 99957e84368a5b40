"""Ranges of time as users ask for them: open on either side, the end exclusive."""

from core.candles import Candles
from core.clock import format_utc
from core.errors import ConfigError, NoCandlesError


def require_forward(start_ms: int | None, end_ms: int | None) -> None:
    """Raise ConfigError unless ``start_ms`` is before ``end_ms``; None means open."""
    if start_ms is not None and end_ms is not None and start_ms >= end_ms:
        raise ConfigError(
            f"the start, {format_utc(start_ms)} UTC, must be before the end, {format_utc(end_ms)} UTC, which is exclusive: swap the dates."
        )


def cut(candles: Candles, start_ms: int | None, end_ms: int | None) -> Candles:
    """Return the bars with ``start_ms <= open < end_ms`` without copying; NoCandlesError names the span there is."""
    first = 0 if start_ms is None else candles.index_of(start_ms)
    last = len(candles) if end_ms is None else candles.index_of(end_ms)
    if first >= last:
        raise outside(str(candles.market), start_ms, end_ms, (int(candles.open_ms[0]), candles.end_ms))
    return candles[first:last]


def outside(name: str, start_ms: int | None, end_ms: int | None, span: tuple[int, int]) -> NoCandlesError:
    """Return the error for a range without bars in a series called ``name`` that has bars in ``span``."""
    asked = "" if start_ms is None else f" from {format_utc(start_ms)}"
    asked += "" if end_ms is None else f" to {format_utc(end_ms)}"
    return NoCandlesError(
        f"{name}: no bars{asked} UTC; there are bars from {format_utc(span[0])} to {format_utc(span[1])} UTC. Choose dates inside."
    )
