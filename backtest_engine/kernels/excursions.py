"""Step 5: the best price since entry, and the best and worst unrealised P&L."""

from backtest_engine.codes import AT_OPEN, NO_FILL
from backtest_engine.records import Bar, State
from strategies.jit import njit, njit_inline


@njit
def update_extreme(state: State, bar: Bar) -> bool:
    """Let a bar's prices into the extreme, MFE and MAE.

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
    """Keep the best and worst unrealised P&L, at the bar's extremes."""
    state.mfe = max(state.mfe, state.direction * state.qty * (best - state.avg_entry))
    state.mae = min(state.mae, state.direction * state.qty * (worst - state.avg_entry))
