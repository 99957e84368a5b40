"""The loop over bars, resumable at any of them."""

from backtest_engine.kernels.bar import advance_bar, end_data
from backtest_engine.records import Bar
from strategies.jit import njit, njit_inline


@njit_inline
def bar_at(bars, signals, t):  # type: ignore[no-untyped-def]
    """Return bar ``t`` as the step functions see it: its own numbers and what was known at the close before."""
    before = max(t - 1, 0)
    return Bar(
        t,
        bars.open[t],
        bars.high[t],
        bars.low[t],
        bars.close[t],
        bars.volume[t],
        bars.vwap[t],
        bars.funding[t] if len(bars.funding) > 0 else 0.0,
        bars.has_volume,
        not bars.has_volume or bars.volume[t] > 0.0,
        bars.close[before],
        signals.direction[before],
        signals.touch_level[before],
        signals.atr[before],
    )


@njit_inline
def rest(directions, t, end, for_ever, value, equity):  # type: ignore[no-untyped-def]
    """Write the unchanging equity of an account with nothing to do, up to the next signal; return the bar that acts on it."""
    equity[t] = value
    t += 1
    while t < end and (for_ever or directions[t - 1] == 0):
        equity[t] = value
        t += 1
    return t


@njit
def simulate(bars, signals, rules, states, start, end, equity, trades, entries):  # type: ignore[no-untyped-def]
    """Advance ``states[0]`` over bars ``[start, end)`` and write ``equity`` at each close.

    A run over ``[0, k)`` then ``[k, N)`` equals ``[0, N)`` bit for bit. ``trades`` and ``entries`` need room for one record per
    non-zero signal and one spare: each signal starts at most one entry, each entry at most one trade.
    """
    state = states[0]
    t = start
    while t < end:
        idle = state.direction == 0 and state.entry_direction == 0 and state.signal == 0
        if t == 0 or state.ruined == 1 or (idle and signals.direction[t - 1] == 0):
            t = rest(signals.direction, t, end, state.ruined == 1, state.equity, equity)
        else:
            advance_bar(bar_at(bars, signals, t), rules, state, trades, entries)
            equity[t] = state.equity
            t += 1


@njit
def finish(bars, signals, rules, states, equity, trades, entries):  # type: ignore[no-untyped-def]
    """Step 6 after the last bar: ``equity``'s last value becomes the final cash."""
    state = states[0]
    last = len(equity) - 1
    end_data(bar_at(bars, signals, last), rules, state, trades, entries)
    equity[last] = state.equity
