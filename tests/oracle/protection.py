"""The protection of a position: its base stop, its take profit, and the trailing levels reached so far."""

from dataclasses import dataclass
from math import inf

from tests.oracle.prices import order_price
from tests.oracle.settings import Settings


@dataclass
class Protection:
    """The levels of one position; ``trail`` is None until a trailing level has been reached."""

    direction: int
    entry_atr: float
    regime: float
    base: float
    take_profit: float
    stop: float
    stop_reason: str
    trail: float | None = None
    trail_reason: str = ""

    def stop_order(self, settings: Settings) -> float:
        """The stop as the market takes it: a multiple of the price step, rounded for the side that closes the position."""
        return order_price(self.stop, -self.direction, settings)

    def target_order(self, settings: Settings) -> float:
        """The take profit as the market takes it."""
        return order_price(self.take_profit, -self.direction, settings)


def more_protective(direction: int, level: float, other: float) -> bool:
    """Return whether ``level`` protects strictly better than ``other``: higher for a long, lower for a short."""
    return level > other if direction == 1 else level < other


def at_or_beyond(direction: int, price: float, stop: float) -> bool:
    """Return whether ``price`` has reached ``stop`` or lies past it."""
    return price <= stop if direction == 1 else price >= stop


def strictly_through(direction: int, best_price: float, target: float) -> bool:
    """Return whether a bar's best price went past a resting exit at ``target``; a touch alone does not fill."""
    return best_price > target if direction == 1 else best_price < target


def base_level(direction: int, avg_entry: float, entry_atr: float, regime: float, settings: Settings) -> float:
    """Return the base stop by ``stop_type``: ATRs or a fraction from the average entry, or out of reach."""
    if settings.stop_type == "atr":
        return avg_entry - direction * settings.atr_sl_multiplier * entry_atr * regime
    if settings.stop_type == "percent":
        return avg_entry * (1 - direction * settings.stop_distance * regime)
    return -direction * inf


def target_level(direction: int, avg_entry: float, entry_atr: float, regime: float, settings: Settings) -> float:
    """Return the take profit by ``target_type``: ATRs or a fraction from the average entry, or out of reach."""
    if settings.target_type == "atr":
        return avg_entry + direction * settings.atr_tp_multiplier * entry_atr * regime
    if settings.target_type == "percent":
        return avg_entry * (1 + direction * settings.target_distance * regime)
    return direction * inf


def set_at_first_fill(direction: int, avg_entry: float, entry_atr: float, regime: float, settings: Settings) -> Protection:
    """Set base and tp at the first fill."""
    base = base_level(direction, avg_entry, entry_atr, regime, settings)
    take_profit = target_level(direction, avg_entry, entry_atr, regime, settings)
    return Protection(direction, entry_atr, regime, base, take_profit, stop=base, stop_reason="stop_loss")


def recompute_at_addition(levels: Protection, avg_entry: float, settings: Settings) -> None:
    """Recompute base and tp from the new average entry with the same entry_atr; stop = more protective of (base, trail)."""
    old_stop, old_reason = levels.stop, levels.stop_reason
    levels.base = base_level(levels.direction, avg_entry, levels.entry_atr, levels.regime, settings)
    levels.take_profit = target_level(levels.direction, avg_entry, levels.entry_atr, levels.regime, settings)
    levels.stop, levels.stop_reason = levels.base, "stop_loss"
    # The trail was reached in an earlier bar than this addition, so on a tie it is the earlier rule and keeps the reason.
    if levels.trail is not None and not more_protective(levels.direction, levels.base, levels.trail):
        levels.stop, levels.stop_reason = levels.trail, levels.trail_reason
    if levels.stop == old_stop:
        levels.stop_reason = old_reason


def raise_trailing_levels(levels: Protection, extreme: float, avg_entry: float, settings: Settings) -> None:
    """Raise the trail by what the extreme has reached at this close, in the order trailing stop, trailing take profit."""
    if settings.trailing_sl_enabled:
        _raise_trailing_stop(levels, extreme, avg_entry, settings.trailing_sl_threshold)
    if settings.trailing_tp_enabled:
        _raise_trailing_take_profit(levels, extreme, avg_entry, settings)
    # stop = more protective of (base, trail); on a tie the earlier rule keeps the reason.
    if levels.trail is not None and more_protective(levels.direction, levels.trail, levels.stop):
        levels.stop, levels.stop_reason = levels.trail, levels.trail_reason


def _raise_trailing_stop(levels: Protection, extreme: float, avg_entry: float, threshold: float) -> None:
    """Once d * (extreme / avg_entry - 1) >= trailing_sl_threshold: extreme * (1 - d * trailing_sl_threshold)."""
    if levels.direction * (extreme / avg_entry - 1) >= threshold:
        _reach(levels, extreme * (1 - levels.direction * threshold), "trailing_stop")


def _raise_trailing_take_profit(levels: Protection, extreme: float, avg_entry: float, settings: Settings) -> None:
    """Once the extreme has reached tp: the more protective of the locked share of the target and the trail of the best price."""
    if not at_or_beyond(-levels.direction, extreme, levels.take_profit):
        return
    _reach(levels, avg_entry + settings.trailing_tp_lock * (levels.take_profit - avg_entry), "trailing_take_profit")
    _reach(levels, extreme * (1 - levels.direction * settings.trailing_tp_threshold), "trailing_take_profit")


def _reach(levels: Protection, level: float, reason: str) -> None:
    """Keep the most protective trailing level reached so far; an equal one changes nothing."""
    if levels.trail is None or more_protective(levels.direction, level, levels.trail):
        levels.trail, levels.trail_reason = level, reason
