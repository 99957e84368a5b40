"""The working entry's life: started by a signal, aged by bars, ended by fill, expiry or cancellation."""

from backtest_engine.codes import EMA_TOUCH, EXPIRED, LIMIT, MARKET, MISSED, NO_TIER, PARTIAL, REJECTED, VWAP_SLICE
from backtest_engine.kernels.prices import order_price
from backtest_engine.kernels.sizing import entry_quantity, rejection
from backtest_engine.records import Bar, Record, Rules, State
from strategies.jit import njit_inner


@njit_inner
def log_entry(
    state: State, kind: int, reason: int, direction: int, signal_bar: int, t: int, wanted: float, filled: float, entry: Record
) -> None:
    """Write one event into ``entry``, the next free record."""
    entry.kind = kind
    entry.reason = reason
    entry.direction = direction
    entry.signal_bar = signal_bar
    entry.end_bar = t
    entry.wanted_qty = wanted
    entry.filled_qty = filled
    state.entries += 1


@njit_inner
def cancel_entry(state: State, t: int, reason: int, entry: Record) -> None:
    """Give up what is left of the working entry, if there is one, and count it as missed or partial."""
    if state.entry_direction == 0:
        return
    kind = PARTIAL if state.entry_filled > 0.0 else MISSED
    log_entry(state, kind, reason, state.entry_direction, state.entry_signal_bar, t, state.entry_wanted, state.entry_filled, entry)
    state.entry_direction = 0
    state.active_tier = 0


@njit_inner
def timeout_of(rules: Rules, tier: int) -> int:
    """Return the bars that ``tier`` may work; 0 when it is switched off."""
    if tier == EMA_TOUCH:
        return rules.timeout1
    if tier == LIMIT:
        return rules.timeout2
    if tier == VWAP_SLICE:
        return rules.timeout3
    return rules.timeout4


@njit_inner
def next_tier(rules: Rules, tier: int) -> int:
    """Return the first tier after ``tier`` that is switched on, 0 when there is none."""
    for candidate in range(tier + 1, 5):
        if timeout_of(rules, candidate) > 0:
            return candidate
    return 0


@njit_inner
def activate_tier(rules: Rules, state: State, tier: int, last_close: float) -> None:
    """Make ``tier`` the active one; the limit of tier 2 is fixed here, from the close before its first bar."""
    state.active_tier = tier
    state.age = 0
    if tier == LIMIT:
        limit = last_close - state.entry_direction * rules.limit_offset_atr * state.entry_atr
        state.limit_price = order_price(limit, state.entry_direction, rules)


@njit_inner
def start_entry(bar: Bar, rules: Rules, state: State, entry: Record) -> None:
    """Step 1: turn the waiting signal into a working entry in this bar, or count it as rejected or missed."""
    direction, signal_bar = state.signal, state.signal_bar
    state.signal = 0
    qty = entry_quantity(rules, state, bar.t)
    trouble = rejection(rules, state, bar.t, qty)
    if trouble != 0:
        log_entry(state, REJECTED, trouble, direction, signal_bar, bar.t, qty, 0.0, entry)
        return
    state.entry_direction = direction
    state.entry_signal_bar = signal_bar
    state.entry_signal_price = state.signal_price
    state.entry_atr = state.signal_atr
    state.entry_regime = state.signal_regime
    state.entry_wanted = qty
    state.entry_filled = 0.0
    state.entry_remaining = qty
    if not rules.hybrid_engine:
        state.active_tier = MARKET
        return
    tier = next_tier(rules, 0)
    if tier == 0:
        cancel_entry(state, bar.t, NO_TIER, entry)
    else:
        activate_tier(rules, state, tier, bar.previous_close)


@njit_inner
def age_entry(bar: Bar, rules: Rules, state: State, entry: Record) -> None:
    """Step 3, second half: one bar older; the next tier takes over when the timeout ran out, and after the last one it ends."""
    state.age += 1
    if state.age < timeout_of(rules, state.active_tier):
        return
    tier = next_tier(rules, state.active_tier)
    if tier == 0:
        cancel_entry(state, bar.t, EXPIRED, entry)
    else:
        activate_tier(rules, state, tier, bar.close)
