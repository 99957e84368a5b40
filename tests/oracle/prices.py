"""What a taker pays: slip, and the market's price step."""

from math import ceil, floor, isfinite, sqrt

from tests.oracle.bars import Bar
from tests.oracle.settings import Settings

BUY, SELL = 1, -1


def taker_price(quoted: float, side: int, qty: float, bar: Bar, settings: Settings) -> float:
    """Return the price paid: quoted * (1 + side * slip), rounded against the trader; what is sold brings at least one step."""
    paid = order_price(quoted * (1 + side * slip(qty, bar, settings)), side, settings)
    return max(paid, settings.price_step)


def slip(qty: float, bar: Bar, settings: Settings) -> float:
    """Return the fraction by which a fill of ``qty`` in ``bar`` is worsened."""
    span = (bar.high - bar.low) / bar.open
    total = settings.slippage + settings.slippage_range_share * span
    if settings.slippage_impact > 0:
        # A closing in a no-trade bar counts as a whole bar's volume.
        part = qty / bar.volume if bar.volume > 0 else 1.0
        total += settings.slippage_impact * span * sqrt(part)
    return min(total, settings.slippage_cap)


def order_price(price: float, side: int, settings: Settings) -> float:
    """Round to the market's price step: up when buying, down when selling; a millionth of a step is rounding error."""
    step = settings.price_step
    if step == 0 or not isfinite(price):
        return price
    per_unit = round(1 / step)
    if abs(per_unit * step - 1) < 1e-9:
        # k / n is the very number that the multiple is written as; k * 0.1 often is not.
        return _whole(price * per_unit, side) / per_unit
    return _whole(price / step, side) * step


def _whole(steps: float, side: int) -> int:
    return ceil(steps - 1e-6) if side == BUY else floor(steps + 1e-6)
