"""When the market takes a position out: the exits of a carried position, and the protection in the bar of a fill."""

from dataclasses import dataclass

from tests.oracle.bars import Bar
from tests.oracle.entry_tiers import FillKind
from tests.oracle.protection import Protection, at_or_beyond, more_protective, strictly_through
from tests.oracle.settings import Settings


@dataclass(frozen=True)
class Exit:
    """An exit at ``quoted``, worsened by slip unless it is a maker's."""

    quoted: float
    reason: str
    maker: bool = False


def best_of(bar: Bar, direction: int) -> float:
    """Return the bar's best price for a position."""
    return bar.high if direction == 1 else bar.low


def worst_of(bar: Bar, direction: int) -> float:
    """Return the bar's worst price for a position."""
    return bar.low if direction == 1 else bar.high


def exit_of_carried(bar: Bar, levels: Protection, settings: Settings) -> Exit | None:
    """Step 2: the first that applies; the stop wins over the take profit inside one bar."""
    # O[t] at or beyond the stop: exit at O[t] (taker, slip).
    if at_or_beyond(levels.direction, bar.open, levels.stop):
        return Exit(bar.open, levels.stop_reason)
    # Stop touched: exit at the stop (taker, slip).
    if _stop_touched(bar, levels):
        return Exit(levels.stop, levels.stop_reason)
    return _fixed_take_profit(bar, levels, settings)


def same_bar_exit(bar: Bar, levels: Protection, kind: FillKind, *, newly_opened: bool, settings: Settings) -> Exit | None:
    """Step 4: what the rest of its bar may do to a fill depends on where in the bar the fill happened."""
    if kind in (FillKind.STOP_ORDER, FillKind.SLICE):
        return _at_the_close(bar, levels)
    if newly_opened and kind is FillKind.AT_OPEN:
        return _on_the_whole_bar(bar, levels, settings)
    if newly_opened and kind is FillKind.RESTING_LIMIT:
        # Only the stop is checked, on the whole bar: the order of prices inside a bar is unknown, so the worse one counts.
        return Exit(levels.stop, levels.stop_reason) if _stop_touched(bar, levels) else None
    # A tier 4 addition to a position carried into t: no check in its own bar.
    return None


def _on_the_whole_bar(bar: Bar, levels: Protection, settings: Settings) -> Exit | None:
    # Stop touched: exit at the stop, or at O[t] where that is worse for the position; then the fixed take profit.
    if _stop_touched(bar, levels):
        stop_is_worse = more_protective(levels.direction, bar.open, levels.stop)
        return Exit(levels.stop if stop_is_worse else bar.open, levels.stop_reason)
    return _fixed_take_profit(bar, levels, settings)


def _at_the_close(bar: Bar, levels: Protection) -> Exit | None:
    # Price came from the stop's side or was averaged over the bar, so only the close counts: exit at C[t] (taker, slip).
    if at_or_beyond(levels.direction, bar.close, levels.stop):
        return Exit(bar.close, levels.stop_reason)
    return None


def _fixed_take_profit(bar: Bar, levels: Protection, settings: Settings) -> Exit | None:
    # Only when trailing_tp_enabled is off; traded through strictly: at tp (maker), never better, also when O[t] is already beyond it.
    if not settings.trailing_tp_enabled and strictly_through(levels.direction, best_of(bar, levels.direction), levels.take_profit):
        return Exit(levels.take_profit, "take_profit", maker=True)
    return None


def _stop_touched(bar: Bar, levels: Protection) -> bool:
    return at_or_beyond(levels.direction, worst_of(bar, levels.direction), levels.stop)
