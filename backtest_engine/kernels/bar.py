"""One bar, in the order of ``docs/execution.md``."""

from backtest_engine.codes import END_OF_DATA, NO_FILL, RUIN
from backtest_engine.kernels.account import close_at_taker, write_off
from backtest_engine.kernels.entries import age_entry, cancel_entry, start_entry
from backtest_engine.kernels.entry_tiers import try_active_tier
from backtest_engine.kernels.excursions import update_extreme
from backtest_engine.kernels.exits import check_carried_exit, check_same_bar_exit, liquidate_at_open
from backtest_engine.kernels.levels import set_margin, update_trailing
from backtest_engine.kernels.signals import clear_the_way, take_signal
from backtest_engine.records import Bar, Record, RecordPair, Rules, State
from strategies.jit import njit_inline, njit_inner


@njit_inline
def free_record(pair: RecordPair, used: int) -> Record:
    """Return the next of two records to write; with both used, which leaves nothing more to write in a bar, the second one."""
    return pair[0] if used == 0 else pair[1]


@njit_inline
def advance_bar(bar: Bar, rules: Rules, state: State, trades: RecordPair, entries: RecordPair) -> None:
    """Advance ``state`` over ``bar`` (not the first one) of an account that is not ruined.

    ``trades`` and ``entries`` are the next two free records of each: a bar ends at most two trades (one carried, one opened in it) and
    at most two entries. Single records, because arrays are reference-counted at every call: that took three quarters of a held bar.
    """
    ended, logged = state.trades, state.entries
    state.fill = NO_FILL
    state.opened = 0
    carried = state.direction != 0
    liquidated = False
    if carried:  # step 0: who holds the position when the rate is due pays it
        if bar.funding != 0.0:
            pay_funding(bar, rules, state)
        liquidated = state.direction * (bar.open - state.liquidation) <= 0.0
        if liquidated:
            liquidate_at_open(bar, rules, state, trades[0], entries[0])
    take_signal(bar, state)
    if liquidated:
        state.signal = 0
    if state.signal != 0:  # step 1: at the open, before anything inside the bar
        free = clear_the_way(bar, rules, state, free_record(trades, state.trades - ended), free_record(entries, state.entries - logged))
        if free and state.signal != 0 and bar.traded:
            start_entry(bar, rules, state, free_record(entries, state.entries - logged))
    if carried and state.direction != 0:  # step 2: levels known since the last close come first
        check_carried_exit(bar, rules, state, free_record(trades, state.trades - ended), free_record(entries, state.entries - logged))
    if bar.traded and state.entry_direction != 0:  # step 3: a new fill may follow, never precede, an exit
        try_active_tier(bar, rules, state)
    if bar.last and state.entry_direction != 0:  # time passes without trades too, in decision bars
        age_entry(bar, rules, state, free_record(entries, state.entries - logged))
    if state.fill != NO_FILL:  # step 4: what came after the fill in its own bar
        check_same_bar_exit(bar, rules, state, free_record(trades, state.trades - ended), free_record(entries, state.entries - logged))
    mark_close(bar, rules, state)  # step 5
    if state.equity <= 0.0:
        if state.direction != 0:
            close_at_taker(bar, rules, state, bar.close, RUIN, free_record(trades, state.trades - ended))
        cancel_entry(state, bar.t, RUIN, free_record(entries, state.entries - logged))
        write_off(state, free_record(trades, state.trades - ended - 1))


@njit_inner
def pay_funding(bar: Bar, rules: Rules, state: State) -> None:
    """Step 0: a position carried into the bar pays (or earns) the rates due in it, on its value at the open."""
    paid = state.direction * state.qty * bar.open * bar.funding
    state.cash -= paid
    state.trade_funding += paid
    set_margin(state, rules)


@njit_inline
def mark_close(bar: Bar, rules: Rules, state: State) -> None:
    """Step 5: raise the trailing levels for the next bar and mark the account at the close."""
    if state.direction != 0:
        if update_extreme(state, bar):
            update_trailing(state, rules)
        if bar.last:
            state.bars_in_position += 1
    state.equity = equity_at(state, bar.close)


@njit_inline
def equity_at(state: State, price: float) -> float:
    """Return what the account is worth at ``price``."""
    worth: float = state.cash + state.direction * state.qty * (price - state.avg_entry)
    return worth


@njit_inner
def end_data(bar: Bar, rules: Rules, state: State, trades: RecordPair, entries: RecordPair) -> None:
    """Step 6: after the last bar close what is open at its close; costs that use up the account are a ruin too."""
    ended, logged = state.trades, state.entries
    if state.direction != 0:
        close_at_taker(bar, rules, state, bar.close, END_OF_DATA, free_record(trades, state.trades - ended))
    cancel_entry(state, bar.t, END_OF_DATA, free_record(entries, state.entries - logged))
    if state.cash <= 0.0 and state.ruined == 0:
        write_off(state, free_record(trades, state.trades - ended - 1))
    state.equity = state.cash
