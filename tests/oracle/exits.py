"""When the market takes a position out: the exits of a carried position, and the protection in the bar of a fill."""

from dataclasses import dataclass

from tests.oracle.bars import Bar
from tests.oracle.entry_tiers import Fill, FillKind
from tests.oracle.protection import Protection, at_or_beyond, more_protective, strictly_through
from tests.oracle.settings import Settings

LIQUIDATION = "liquidation"


@dataclass(frozen=True)
class Exit:
    """An exit at ``quoted``, worsened by slip unless it is a maker's; ``ambiguous`` if other orders of prices end otherwise."""

    quoted: float
    reason: str
    maker: bool = False
    ambiguous: bool = False


def best_of(bar: Bar, direction: int) -> float:
    """Return the bar's best price for a position."""
    return bar.high if direction == 1 else bar.low


def worst_of(bar: Bar, direction: int) -> float:
    """Return the bar's worst price for a position."""
    return bar.low if direction == 1 else bar.high


def liquidated_at_the_open(bar: Bar, levels: Protection, liquidation: float | None) -> Exit | None:
    """Step 0: an open at or beyond the liquidation price goes before every order."""
    if liquidation is not None and at_or_beyond(levels.direction, bar.open, liquidation):
        return Exit(bar.open, LIQUIDATION)
    return None


def exit_of_carried(bar: Bar, levels: Protection, liquidation: float | None, settings: Settings) -> Exit | None:
    """Step 2: the first that applies; the stop wins over the take profit inside one bar."""
    stop = levels.stop_order(settings)
    # O[t] at or beyond the stop: exit at O[t] (taker, slip).
    if at_or_beyond(levels.direction, bar.open, stop):
        return Exit(bar.open, levels.stop_reason)
    target = _fixed_take_profit(bar, levels, settings)
    # Price reaches the nearer of stop and liquidation first; on a tie the liquidation acts.
    if _liquidation_before_stop(bar, levels, liquidation, stop):
        assert liquidation is not None
        return Exit(liquidation, LIQUIDATION, ambiguous=target is not None)
    # Stop touched: exit at the stop (taker, slip).
    if _touched(bar, levels, stop):
        return Exit(stop, levels.stop_reason, ambiguous=target is not None)
    return target


def liquidation_without_trade(bar: Bar, levels: Protection, liquidation: float | None) -> Exit | None:
    """Step 2 in a no-trade bar: the mark price needs no trade, every order waits."""
    if liquidation is not None and _touched(bar, levels, liquidation):
        return Exit(liquidation, LIQUIDATION)
    return None


def same_bar_exit(
    bar: Bar, levels: Protection, liquidation: float | None, fill: Fill, *, newly_opened: bool, settings: Settings
) -> Exit | None:
    """Step 4: what the rest of its bar may do to a fill depends on where in the bar the fill happened."""
    if fill.kind in (FillKind.STOP_ORDER, FillKind.SLICE):
        return _at_the_close(bar, levels, liquidation, settings)
    if not newly_opened:
        # A tier 4 addition to a position carried into t: no order of its own bar, but the liquidation.
        if liquidation is not None and _touched(bar, levels, liquidation):
            return Exit(_worse(levels.direction, liquidation, fill.quoted), LIQUIDATION)
        return None
    if fill.kind is FillKind.AT_OPEN:
        return _on_the_whole_bar(bar, levels, liquidation, fill, settings)
    return _behind_a_resting_limit(bar, levels, liquidation, fill, settings)


def _on_the_whole_bar(bar: Bar, levels: Protection, liquidation: float | None, fill: Fill, settings: Settings) -> Exit | None:
    stop, target = levels.stop_order(settings), _fixed_take_profit(bar, levels, settings)
    if _liquidated_in_the_bar_of_a_fill(bar, levels, liquidation, stop, fill):
        assert liquidation is not None
        inside = not at_or_beyond(levels.direction, fill.quoted, liquidation)
        return Exit(_worse(levels.direction, liquidation, fill.quoted), LIQUIDATION, ambiguous=inside and target is not None)
    # Stop touched: exit at the stop, or at O[t] where that is worse for the position; then the fixed take profit.
    if _touched(bar, levels, stop):
        inside = not at_or_beyond(levels.direction, bar.open, stop)
        return Exit(_worse(levels.direction, stop, bar.open), levels.stop_reason, ambiguous=inside and target is not None)
    return target


def _behind_a_resting_limit(bar: Bar, levels: Protection, liquidation: float | None, fill: Fill, settings: Settings) -> Exit | None:
    # Only the stop is checked, on the whole bar: the order of prices inside a bar is unknown, so the worse one counts.
    stop = levels.stop_order(settings)
    if _liquidated_in_the_bar_of_a_fill(bar, levels, liquidation, stop, fill):
        assert liquidation is not None
        ambiguous = not at_or_beyond(levels.direction, bar.close, liquidation)
        return Exit(_worse(levels.direction, liquidation, fill.quoted), LIQUIDATION, ambiguous=ambiguous)
    if _touched(bar, levels, stop):
        return Exit(stop, levels.stop_reason, ambiguous=not at_or_beyond(levels.direction, bar.close, stop))
    return None


def _at_the_close(bar: Bar, levels: Protection, liquidation: float | None, settings: Settings) -> Exit | None:
    # Price came from the stop's side or was averaged over the bar, so only the close counts: exit at C[t] (taker, slip).
    if liquidation is not None and at_or_beyond(levels.direction, bar.close, liquidation):
        return Exit(bar.close, LIQUIDATION)
    if at_or_beyond(levels.direction, bar.close, levels.stop_order(settings)):
        return Exit(bar.close, levels.stop_reason)
    return None


def _fixed_take_profit(bar: Bar, levels: Protection, settings: Settings) -> Exit | None:
    # Only when trailing_tp_enabled is off; traded through strictly: at tp (maker), never better, also when O[t] is already beyond it.
    target = levels.target_order(settings)
    if not settings.trailing_tp_enabled and strictly_through(levels.direction, best_of(bar, levels.direction), target):
        return Exit(target, "take_profit", maker=True)
    return None


def _liquidated_in_the_bar_of_a_fill(bar: Bar, levels: Protection, liquidation: float | None, stop: float, fill: Fill) -> bool:
    already_there = liquidation is not None and at_or_beyond(levels.direction, fill.quoted, liquidation)
    return already_there or _liquidation_before_stop(bar, levels, liquidation, stop)


def _liquidation_before_stop(bar: Bar, levels: Protection, liquidation: float | None, stop: float) -> bool:
    if liquidation is None or not _touched(bar, levels, liquidation):
        return False
    return not more_protective(levels.direction, stop, liquidation)


def _touched(bar: Bar, levels: Protection, level: float) -> bool:
    return at_or_beyond(levels.direction, worst_of(bar, levels.direction), level)


def _worse(direction: int, price: float, other: float) -> float:
    """Return the price that gives the position less: the lower one for a long, the higher one for a short."""
    return other if more_protective(direction, price, other) else price
