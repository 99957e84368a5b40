"""Step 5: the best price since entry, and what prices a position has seen, of which MFE and MAE are made when it changes or ends."""

import numpy as np

from backtest_engine.codes import AT_OPEN, NO_FILL
from backtest_engine.records import Bar, State
from strategies.jit import njit_inline, njit_inner


@njit_inner
def update_extreme(state: State, bar: Bar) -> bool:
    """Let a bar's prices into the extreme and into what the position has seen.

    On the entry bar only what surely came after the fill counts: the whole bar after a fill at the open, else just the close.
    Returns whether anything that trailing levels hang on has changed: the extreme, or by a fill the average entry.
    """
    d, high, low = state.direction, bar.high, bar.low
    if state.opened == 1:
        if state.fill != AT_OPEN:
            high = low = bar.close
        high, low = max(state.fill_price, high), min(state.fill_price, low)
        state.seen_high, state.seen_low = high, low
        set_extreme(state, high if d > 0 else low)
        return True
    see(state, high, low)
    best = high if d > 0 else low
    improved: bool = d * (best - state.extreme) > 0.0
    if improved:
        set_extreme(state, best)
    return improved or state.fill != NO_FILL


@njit_inline
def see(state: State, high: float, low: float) -> None:
    """Widen what the position has seen since its last fill."""
    state.seen_high = max(state.seen_high, high)
    state.seen_low = min(state.seen_low, low)


@njit_inline
def set_extreme(state: State, price: float) -> None:
    """Make ``price`` the best one since entry, and note beyond which prices, on either side, a bar has a better one."""
    state.extreme = price
    state.better_high, state.better_low = (price, -np.inf) if state.direction > 0 else (np.inf, price)


@njit_inner
def mark_excursions(state: State) -> None:
    """Let what was seen with this quantity and average entry into MFE and MAE, and begin anew.

    The P&L rises or falls with the price, so the highest and the lowest price of many bars give what each of them would have given.
    """
    d = state.direction
    best, worst = (state.seen_high, state.seen_low) if d > 0 else (state.seen_low, state.seen_high)
    state.mfe = max(state.mfe, d * state.qty * (best - state.avg_entry))
    state.mae = min(state.mae, d * state.qty * (worst - state.avg_entry))
    state.seen_high, state.seen_low = -np.inf, np.inf
