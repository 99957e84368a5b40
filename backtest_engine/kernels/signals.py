"""Step 1: what a signal does to a position, a working entry, or a flat account."""

from backtest_engine.codes import OPPOSITE_SIGNAL
from backtest_engine.kernels.account import close_at_taker
from backtest_engine.kernels.entries import cancel_entry
from backtest_engine.records import Bar, Record, Rules, State
from strategies.jit import njit_inline, njit_inner


@njit_inline
def take_signal(bar: Bar, state: State) -> None:
    """Let the signal of the decision bar before, if there is one, replace a waiting one; it keeps its own price and ATR."""
    if bar.signal != 0:
        state.signal = bar.signal
        state.signal_bar = bar.signal_bar
        state.signal_price = bar.signal_price
        state.signal_atr = bar.previous_atr
        state.signal_regime = bar.previous_regime


@njit_inner
def clear_the_way(bar: Bar, rules: Rules, state: State, trade: Record, entry: Record) -> bool:
    """Act on the signal where something stands in its way; what is ignored is gone, in a bar without trades too.

    Returns True when the account is flat with nothing working, so that an entry may start.
    """
    if state.direction != 0:
        if state.signal == state.direction or not rules.exit_on_opposite_signal:
            state.signal = 0
        elif bar.traded:
            close_at_taker(bar, rules, state, bar.open, OPPOSITE_SIGNAL, trade)
            cancel_entry(state, bar.t, OPPOSITE_SIGNAL, entry)
    elif state.entry_direction != 0:
        if state.signal == state.entry_direction:
            state.signal = 0
        else:
            cancel_entry(state, bar.t, OPPOSITE_SIGNAL, entry)
    free: bool = state.direction == 0 and state.entry_direction == 0
    if free and not (rules.allow_long if state.signal > 0 else rules.allow_short):
        state.signal = 0  # of a side that is switched off: it may end what the other one holds, and opens nothing
    return free
