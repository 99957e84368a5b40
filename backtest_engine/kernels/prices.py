"""Prices as the market takes them: slip, and whole price steps, never in the trader's favour."""

import numpy as np

from backtest_engine.records import Bar, Rules
from strategies.jit import njit_inline, njit_inner


@njit_inline
def order_price(price: float, side: int, rules: Rules) -> float:
    """Return ``price`` as a multiple of the market's step, rounded up when buying (side +1) and down when selling (-1)."""
    return price if rules.price_step == 0.0 else whole_steps(price, side, rules)


@njit_inner
def whole_steps(price: float, side: int, rules: Rules) -> float:
    """Round to a step above 0. A millionth of a step is rounding error; k / n is the number that the multiple is written as."""
    if not np.isfinite(price):
        return price
    per_unit = rules.steps_per_unit
    steps = price * per_unit if per_unit > 0.0 else price / rules.price_step
    steps = np.ceil(steps - 1e-6) if side > 0 else np.floor(steps + 1e-6)
    rounded: float = steps / per_unit if per_unit > 0.0 else steps * rules.price_step
    return rounded


@njit_inner
def growing_slip(qty: float, bar: Bar, rules: Rules) -> float:
    """Return the fraction by which a fill of ``qty`` is worsened where slip grows with the bar's range and the fill's size."""
    span = (bar.high - bar.low) / bar.open
    slip = rules.slippage + rules.slippage_range_share * span
    if rules.slippage_impact > 0.0:
        part = qty / bar.volume if bar.volume > 0.0 else 1.0  # a closing where nobody traded
        slip += rules.slippage_impact * span * np.sqrt(part)
    return min(slip, rules.slippage_cap)


@njit_inner
def taker_price(price: float, side: int, qty: float, bar: Bar, rules: Rules) -> float:
    """Return what a taker pays for ``price``: worsened by slip, then a whole step; what is sold brings at least one."""
    slip = growing_slip(qty, bar, rules) if rules.growing_slip else rules.slippage
    paid = price * (1.0 + side * slip)
    if rules.price_step > 0.0:
        paid = max(whole_steps(paid, side, rules), rules.price_step)
    return paid
