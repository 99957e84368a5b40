"""Where the venue takes a position away: cross margin, the whole cash stands behind the one position."""

from tests.oracle.account import Position
from tests.oracle.prices import order_price
from tests.oracle.settings import Settings


def liquidation_price(held: Position, cash: float, settings: Settings) -> float | None:
    """Return the price at which the equity is down to the maintenance margin, None while there is no such margin."""
    if settings.maintenance_margin == 0:
        return None
    # cash + d * qty * (p - avg_entry) <= maintenance_margin * qty * p
    price = (held.avg_entry - held.direction * cash / held.qty) / (1 - held.direction * settings.maintenance_margin)
    return order_price(price, -held.direction, settings)
