"""The entry tiers: at which price, as maker or taker, and where in the bar each of them fills."""

from backtest_engine.codes import (
    AT_OPEN,
    EMA_TOUCH,
    LIMIT,
    MARKET,
    NO_FILL,
    NOTHING,
    RESTING_LIMIT,
    SLICE,
    STOP_ORDER,
    VWAP_SLICE,
)  # fmt: skip
from backtest_engine.kernels.account import apply_fill
from backtest_engine.kernels.excursions import mark_excursions
from backtest_engine.kernels.levels import set_levels
from backtest_engine.kernels.prices import order_price, taker_price
from backtest_engine.records import Bar, Rules, State
from strategies.jit import njit_inline, njit_inner


@njit_inner
def fill_entry(
    rules: Rules, state: State, t: int, tier: int, qty: float, price: float, fee_rate: float, slippage: float, kind: int
) -> None:
    """Fill ``qty`` of the working entry at ``price`` and set the levels of protection.

    ``slippage`` is what slip added to the price, per unit; ``kind`` says where in the bar the fill happened.
    """
    state.fill = kind
    state.fill_price = price
    if state.direction == 0:
        state.opened = 1
        state.entry_bar = t
        state.entry_tier = tier
        state.position_atr = state.entry_atr
        state.position_regime = state.entry_regime
    else:
        mark_excursions(state)  # with the quantity and the average entry as they were
    apply_fill(state, state.entry_direction, qty, price, fee_rate, slippage)
    if tier == EMA_TOUCH:
        state.tier1_qty += qty
    elif tier == LIMIT:
        state.tier2_qty += qty
    elif tier == VWAP_SLICE:
        state.tier3_qty += qty
    else:
        state.tier4_qty += qty
    state.entry_filled += qty
    state.entry_remaining -= qty
    if state.entry_remaining < NOTHING * state.entry_wanted:
        state.entry_direction = 0
        state.active_tier = 0
    set_levels(state, rules)


@njit_inner
def fill_as_taker(bar: Bar, rules: Rules, state: State, tier: int, qty: float, price: float, kind: int) -> None:
    """Fill at ``price`` worsened by slip, paying the taker fee."""
    paid = taker_price(price, state.entry_direction, qty, bar, rules)
    fill_entry(rules, state, bar.t, tier, qty, paid, rules.taker_fee, abs(paid - price), kind)


@njit_inner
def try_touch(bar: Bar, rules: Rules, state: State) -> None:
    """Tier 1: enter where price trades at the touch level, from whichever side it comes."""
    d, o, qty = state.entry_direction, bar.open, state.entry_remaining
    level = bar.touch_level
    low_edge, high_edge = level * (1.0 - rules.ema_touch_tolerance), level * (1.0 + rules.ema_touch_tolerance)
    near, far = (high_edge, low_edge) if d > 0 else (low_edge, high_edge)
    if low_edge <= o <= high_edge:
        fill_as_taker(bar, rules, state, EMA_TOUCH, qty, o, AT_OPEN)
    elif d * (o - near) > 0.0:
        limit = order_price(near, d, rules)
        if d * ((bar.low if d > 0 else bar.high) - limit) < 0.0:
            fill_entry(rules, state, bar.t, EMA_TOUCH, qty, limit, rules.maker_fee, 0.0, RESTING_LIMIT)
    elif d * (o - far) < 0.0:
        stop = order_price(far, d, rules)
        if d * ((bar.high if d > 0 else bar.low) - stop) >= 0.0:
            fill_as_taker(bar, rules, state, EMA_TOUCH, qty, stop, STOP_ORDER)


@njit_inner
def try_limit(bar: Bar, rules: Rules, state: State) -> None:
    """Tier 2: a resting limit; better opens fill as taker, never worse than the limit; a touch alone does not fill."""
    d, o, limit, qty = state.entry_direction, bar.open, state.limit_price, state.entry_remaining
    if d * (o - limit) <= 0.0:
        slipped = taker_price(o, d, qty, bar, rules)
        price = min(slipped, limit) if d > 0 else max(slipped, limit)
        # the limit may cut the slip short: only what was really added to the open is a cost
        fill_entry(rules, state, bar.t, LIMIT, qty, price, rules.taker_fee, abs(price - o), AT_OPEN)
    elif d * ((bar.low if d > 0 else bar.high) - limit) < 0.0:
        fill_entry(rules, state, bar.t, LIMIT, qty, limit, rules.maker_fee, 0.0, RESTING_LIMIT)


@njit_inner
def try_slice(bar: Bar, rules: Rules, state: State) -> None:
    """Tier 3: an equal share of what is left in each bar, capped by the bar's volume, at the bar's VWAP."""
    qty = state.entry_remaining / ((rules.timeout3 - state.age) * bar.inside - bar.place)
    if bar.has_volume:
        qty = min(qty, rules.participation_rate * bar.volume)
    if qty > 0.0:
        fill_as_taker(bar, rules, state, VWAP_SLICE, qty, bar.vwap, SLICE)


@njit_inner
def try_market(bar: Bar, rules: Rules, state: State) -> None:
    """Tier 4: all that is left at the open, unless price ran away too far; without the hybrid engine it always fills."""
    d, o = state.entry_direction, bar.open
    if rules.hybrid_engine and not d * (o - state.entry_signal_price) <= rules.max_chase_atr * state.entry_atr:
        return
    fill_as_taker(bar, rules, state, MARKET, state.entry_remaining, o, AT_OPEN)


@njit_inline
def try_active_tier(bar: Bar, rules: Rules, state: State) -> None:
    """Step 3, first half: let the active tier try to fill in a traded bar."""
    state.fill = NO_FILL
    if state.active_tier == EMA_TOUCH:
        try_touch(bar, rules, state)
    elif state.active_tier == LIMIT:
        try_limit(bar, rules, state)
    elif state.active_tier == VWAP_SLICE:
        try_slice(bar, rules, state)
    else:
        try_market(bar, rules, state)
