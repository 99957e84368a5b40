"""Stops and targets: where they stand, when they rise, when they are hit."""

import numpy as np

from backtest_engine.codes import AT_OPEN, NO_FILL, RESTING_LIMIT, STOP_LOSS, TAKE_PROFIT, TRAILING_STOP, TRAILING_TAKE_PROFIT
from backtest_engine.kernels.account import close_at_taker, close_position
from backtest_engine.kernels.entries import cancel_entry
from backtest_engine.records import Bar, Record, Rules, State
from strategies.jit import njit, njit_inline


@njit
def set_levels(state: State, rules: Rules) -> None:
    """Set base stop and target from the average entry: at the first fill and again at each addition."""
    d = state.direction
    state.base_stop = state.avg_entry - d * rules.atr_sl_multiplier * state.position_atr
    state.target = state.avg_entry + d * rules.atr_tp_multiplier * state.position_atr
    choose_stop(state)


@njit
def choose_stop(state: State) -> None:
    """Let the more protective of base and trail be the stop; on a tie the earlier rule keeps the reason."""
    lead = 1.0 if np.isnan(state.trail) else state.direction * (state.base_stop - state.trail)
    if lead > 0.0 or (lead == 0.0 and state.stop_reason == STOP_LOSS and state.stop == state.base_stop):
        state.stop, state.stop_reason = state.base_stop, STOP_LOSS
    else:
        state.stop, state.stop_reason = state.trail, state.trail_reason


@njit
def raise_trail(state: State, level: float, reason: int) -> None:
    """Move the trailing level to ``level`` if that is more protective."""
    if np.isnan(state.trail) or state.direction * (level - state.trail) > 0.0:
        state.trail = level
        state.trail_reason = reason


@njit
def update_trailing(state: State, rules: Rules) -> None:
    """Step 5: raise the trailing levels from the extreme; they act from the next bar on."""
    d = state.direction
    if rules.trailing_sl_enabled and d * (state.extreme / state.avg_entry - 1.0) >= rules.trailing_sl_threshold:
        raise_trail(state, state.extreme * (1.0 - d * rules.trailing_sl_threshold), TRAILING_STOP)
    if rules.trailing_tp_enabled and d * (state.extreme - state.target) >= 0.0:
        locked = state.avg_entry + rules.trailing_tp_lock * (state.target - state.avg_entry)
        trailing = state.extreme * (1.0 - d * rules.trailing_tp_threshold)
        raise_trail(state, max(locked, trailing) if d > 0 else min(locked, trailing), TRAILING_TAKE_PROFIT)
    choose_stop(state)


@njit
def update_extreme(state: State, bar: Bar) -> bool:
    """Step 5: the best price since entry, and the best and worst unrealised P&L at the bar's extremes.

    On the entry bar only what surely came after the fill counts: the whole bar after a fill at the open, else just the close.
    Returns whether anything that trailing levels hang on has changed: the extreme, or by a fill the average entry.
    """
    d = state.direction
    best, worst = (bar.high, bar.low) if d > 0 else (bar.low, bar.high)
    if state.opened == 1:
        if state.fill != AT_OPEN:
            best = worst = bar.close
        state.extreme = max(state.fill_price, best) if d > 0 else min(state.fill_price, best)
        best = state.extreme
        worst = min(state.fill_price, worst) if d > 0 else max(state.fill_price, worst)
    improved: bool = d * (best - state.extreme) > 0.0
    if improved:
        state.extreme = best
    mark_excursion(state, best, worst)
    return improved or state.fill != NO_FILL


@njit_inline
def mark_excursion(state: State, best: float, worst: float) -> None:
    """Step 5: the best and worst unrealised P&L at the bar's extremes."""
    state.mfe = max(state.mfe, state.direction * state.qty * (best - state.avg_entry))
    state.mae = min(state.mae, state.direction * state.qty * (worst - state.avg_entry))


@njit
def check_carried_exit(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 2: exits of a position carried into the bar, the stop before the target."""
    d, stop, reason = state.direction, state.stop, state.stop_reason
    if d * (bar.open - stop) <= 0.0:
        close_at_taker(state, rules, bar.t, bar.open, reason, trade)
    elif d * ((bar.low if d > 0 else bar.high) - stop) <= 0.0:
        close_at_taker(state, rules, bar.t, stop, reason, trade)
    elif not rules.trailing_tp_enabled and d * ((bar.high if d > 0 else bar.low) - state.target) > 0.0:
        reason = TAKE_PROFIT
        close_position(state, bar.t, state.target, rules.maker_fee, 0.0, reason, trade)
    else:
        return
    cancel_entry(state, bar.t, reason, entry)


@njit
def check_same_bar_exit(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 4: what the rest of the bar can do to a fill made in it."""
    d, stop, reason = state.direction, state.stop, state.stop_reason
    if state.fill == NO_FILL or (state.opened == 0 and state.fill == AT_OPEN):
        return
    if state.fill == AT_OPEN or state.fill == RESTING_LIMIT:
        if d * ((bar.low if d > 0 else bar.high) - stop) <= 0.0:
            price = stop
            if state.fill == AT_OPEN and d * (bar.open - stop) < 0.0:
                price = bar.open
            close_at_taker(state, rules, bar.t, price, reason, trade)
        elif state.fill == AT_OPEN and not rules.trailing_tp_enabled and d * ((bar.high if d > 0 else bar.low) - state.target) > 0.0:
            reason = TAKE_PROFIT
            close_position(state, bar.t, state.target, rules.maker_fee, 0.0, reason, trade)
        else:
            return
    elif d * (bar.close - stop) <= 0.0:
        close_at_taker(state, rules, bar.t, bar.close, reason, trade)
    else:
        return
    cancel_entry(state, bar.t, reason, entry)
