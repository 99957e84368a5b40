"""When the market takes a position out, and at which price."""

from backtest_engine.codes import AT_OPEN, LIQUIDATION, RESTING_LIMIT, TAKE_PROFIT
from backtest_engine.kernels.account import close_at_taker, close_position
from backtest_engine.kernels.entries import cancel_entry
from backtest_engine.records import Bar, Record, Rules, State
from strategies.jit import njit_inner


@njit_inner
def liquidate_at_open(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 0: the open lies at or beyond the liquidation price, be it in a bar without trades."""
    close_at_taker(bar, rules, state, bar.open, LIQUIDATION, trade)
    cancel_entry(state, bar.t, LIQUIDATION, entry)


@njit_inner
def check_carried_exit(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 2: exits of a position carried into the bar. The nearer of liquidation and stop comes first, both before the target."""
    d, stop, reason = state.direction, state.stop_order, state.stop_reason
    worst, best = (bar.low, bar.high) if d > 0 else (bar.high, bar.low)
    liquidated = d * (worst - state.liquidation) <= 0.0
    if bar.traded and d * (bar.open - stop) <= 0.0:
        close_at_taker(bar, rules, state, bar.open, reason, trade)
    elif liquidated and not (bar.traded and d * (stop - state.liquidation) > 0.0):
        reason = LIQUIDATION
        state.ambiguous += bar.traded and d * (best - state.target_order) > 0.0
        close_at_taker(bar, rules, state, state.liquidation, reason, trade)
    elif bar.traded and d * (worst - stop) <= 0.0:
        state.ambiguous += d * (best - state.target_order) > 0.0
        close_at_taker(bar, rules, state, stop, reason, trade)
    elif bar.traded and d * (best - state.target_order) > 0.0:
        reason = TAKE_PROFIT
        close_position(bar, rules, state, state.target_order, rules.maker_fee, 0.0, reason, trade)
    else:
        return
    cancel_entry(state, bar.t, reason, entry)


@njit_inner
def check_same_bar_exit(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 4: what the rest of the bar can do to a fill made in it."""
    if state.fill == AT_OPEN or state.fill == RESTING_LIMIT:
        check_whole_bar(bar, rules, state, trade, entry)
        return
    d, reason = state.direction, state.stop_reason
    if d * (bar.close - state.liquidation) <= 0.0:
        reason = LIQUIDATION
    elif not d * (bar.close - state.stop_order) <= 0.0:
        return
    close_at_taker(bar, rules, state, bar.close, reason, trade)
    cancel_entry(state, bar.t, reason, entry)


@njit_inner
def check_whole_bar(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> None:
    """Step 4 for a fill at the open or by a resting limit: liquidation and stop on the whole bar, the target behind the open only.

    Of what is added to a carried position only the liquidation is looked at. Behind a resting limit the exit is ambiguous unless the
    close confirms it, behind the open if the target was passed as well.
    """
    d, opened, at_open = state.direction, state.opened == 1, state.fill == AT_OPEN
    stop, liquidation, reason = state.stop_order, state.liquidation, state.stop_reason
    worst, best = (bar.low, bar.high) if d > 0 else (bar.high, bar.low)
    target_passed = at_open and d * (best - state.target_order) > 0.0
    quoted, later = (bar.open, bar.open) if at_open else (state.fill_price, bar.close)
    liquidated = d * (worst - liquidation) <= 0.0
    if liquidated and not (opened and d * (quoted - liquidation) > 0.0 and d * (stop - liquidation) > 0.0):
        reason = LIQUIDATION
        state.ambiguous += opened and d * (later - liquidation) > 0.0 and (target_passed or not at_open)
        price = quoted if d * (quoted - liquidation) < 0.0 else liquidation
        close_at_taker(bar, rules, state, price, reason, trade)
    elif opened and d * (worst - stop) <= 0.0:
        state.ambiguous += d * (later - stop) > 0.0 and (target_passed or not at_open)
        price = bar.open if at_open and d * (bar.open - stop) < 0.0 else stop
        close_at_taker(bar, rules, state, price, reason, trade)
    elif opened and target_passed:
        reason = TAKE_PROFIT
        close_position(bar, rules, state, state.target_order, rules.maker_fee, 0.0, reason, trade)
    else:
        return
    cancel_entry(state, bar.t, reason, entry)
