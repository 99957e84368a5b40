"""Stop, target and liquidation: where they stand, when they move, and between which prices nothing happens."""

import numpy as np

from backtest_engine.codes import BY_ATR, BY_PERCENT, STOP_LOSS, TRAILING_STOP, TRAILING_TAKE_PROFIT
from backtest_engine.kernels.prices import order_price
from backtest_engine.records import Rules, State
from strategies.jit import njit_inner

# Nearer than that to the price at which the account is used up, a share of what it holds, a bar is looked at closely.
_NEAR_RUIN = 1e-9
# More than rounding can make of a price.
_HAIR = 1e-12


@njit_inner
def set_levels(state: State, rules: Rules) -> None:
    """Set base stop and target from the average entry: at the first fill and again at each addition."""
    d, average, m = state.direction, state.avg_entry, state.position_regime
    state.base_stop = -d * np.inf
    if rules.stop_type == BY_ATR:
        state.base_stop = average - d * rules.atr_sl_multiplier * state.position_atr * m
    elif rules.stop_type == BY_PERCENT:
        state.base_stop = average * (1.0 - d * rules.stop_distance * m)
    state.target = d * np.inf
    if rules.target_type == BY_ATR:
        state.target = average + d * rules.atr_tp_multiplier * state.position_atr * m
    elif rules.target_type == BY_PERCENT:
        state.target = average * (1.0 + d * rules.target_distance * m)
    # the target is an order only while nothing trails from it
    state.target_order = d * np.inf if rules.trailing_tp_enabled else order_price(state.target, -d, rules)
    choose_stop(state)
    set_margin(state, rules)


@njit_inner
def choose_stop(state: State) -> None:
    """Let the more protective of base and trail be the stop; on a tie the earlier rule keeps the reason."""
    lead = 1.0 if np.isnan(state.trail) else state.direction * (state.base_stop - state.trail)
    if lead > 0.0 or (lead == 0.0 and state.stop_reason == STOP_LOSS and state.stop == state.base_stop):
        state.stop, state.stop_reason = state.base_stop, STOP_LOSS
    else:
        state.stop, state.stop_reason = state.trail, state.trail_reason


@njit_inner
def set_margin(state: State, rules: Rules) -> None:
    """Set the liquidation price from cash, quantity and average entry, whenever one of them changes.

    ``edge`` is where a bar may have to be looked at for the account's sake: at the liquidation or, without one, just before ruin.
    """
    d, cash_per_unit = state.direction, state.cash / state.qty
    ruin = state.avg_entry - d * cash_per_unit
    state.liquidation = -d * np.inf
    if rules.maintenance_margin > 0.0:
        state.liquidation = order_price(ruin / (1.0 - d * rules.maintenance_margin), -d, rules)
    near = ruin + d * _NEAR_RUIN * (state.avg_entry + abs(cash_per_unit))
    state.edge = max(near, state.liquidation) if d > 0 else min(near, state.liquidation)
    place_orders(state, rules)


@njit_inner
def place_orders(state: State, rules: Rules) -> None:
    """Put the stop where the market takes it, and note between which prices a bar touches nothing."""
    d = state.direction
    state.stop_order = order_price(state.stop, -d, rules)
    if d > 0:
        state.quiet_low, state.quiet_high = max(state.stop_order, state.edge), state.target_order
    else:
        state.quiet_low, state.quiet_high = state.target_order, min(state.stop_order, state.edge)


@njit_inner
def raise_trail(state: State, level: float, reason: int) -> None:
    """Move the trailing level to ``level`` if that is more protective."""
    if np.isnan(state.trail) or state.direction * (level - state.trail) > 0.0:
        state.trail = level
        state.trail_reason = reason


@njit_inner
def update_trailing(state: State, rules: Rules) -> None:
    """Step 5: raise the trailing levels from the extreme; they act from the next bar on."""
    state.stir_high, state.stir_low = np.inf, -np.inf
    if not (rules.trailing_sl_enabled or rules.trailing_tp_enabled):
        return
    d = state.direction
    if rules.trailing_sl_enabled and d * (state.extreme / state.avg_entry - 1.0) >= rules.trailing_sl_threshold:
        raise_trail(state, state.extreme * (1.0 - d * rules.trailing_sl_threshold), TRAILING_STOP)
    if rules.trailing_tp_enabled and d * (state.extreme - state.target) >= 0.0:
        locked = state.avg_entry + rules.trailing_tp_lock * (state.target - state.avg_entry)
        trailing = state.extreme * (1.0 - d * rules.trailing_tp_threshold)
        raise_trail(state, max(locked, trailing) if d > 0 else min(locked, trailing), TRAILING_TAKE_PROFIT)
    choose_stop(state)
    place_orders(state, rules)
    note_stir(state, rules)


@njit_inner
def note_stir(state: State, rules: Rules) -> None:
    """Note beyond which price a bar may raise a trailing level: the extreme, or where the first of them begins, a hair before it."""
    d, extreme = state.direction, state.extreme
    begins = d * np.inf
    if rules.trailing_sl_enabled:
        begins = state.avg_entry * (1.0 + d * rules.trailing_sl_threshold)
    if rules.trailing_tp_enabled:
        begins = min(begins, state.target) if d > 0 else max(begins, state.target)
    begins *= 1.0 - d * _HAIR
    if d > 0:
        state.stir_high = max(extreme, begins)
    else:
        state.stir_low = min(extreme, begins)
