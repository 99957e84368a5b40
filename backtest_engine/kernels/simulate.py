"""The loop over bars, resumable at any of them."""

from backtest_engine.kernels.bar import advance_bar, end_data
from backtest_engine.records import Bar, Bars, Directions, Floats, RecordArray, Rules, SignalArrays
from strategies.jit import njit, njit_inline


@njit_inline
def bar_at(bars: Bars, signals: SignalArrays, t: int) -> Bar:
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
def rest(directions: Directions, t: int, end: int, for_ever: bool, value: float, equity: Floats) -> int:
    """Write the unchanging equity of an account with nothing to do, up to the next signal; return the bar that acts on it."""
    equity[t] = value
    t += 1
    while t < end and (for_ever or directions[t - 1] == 0):
        equity[t] = value
        t += 1
    return t


@njit
def simulate(
    bars: Bars,
    signals: SignalArrays,
    rules: Rules,
    states: RecordArray,
    start: int,
    end: int,
    equity: Floats,
    trades: RecordArray,
    entries: RecordArray,
) -> None:
    """Advance ``states[0]`` over bars ``[start, end)`` and write ``equity`` at each close.

    A run over ``[0, k)`` then ``[k, N)`` equals ``[0, N)`` bit for bit. ``trades`` and ``entries`` need room for one record per
    non-zero signal and two to spare: each signal starts at most one entry, each entry at most one trade.
    """
    state = states[0]
    t = start
    while t < end:
        idle = state.direction == 0 and state.entry_direction == 0 and state.signal == 0
        if t == 0 or state.ruined == 1 or (idle and signals.direction[t - 1] == 0):
            t = rest(signals.direction, t, end, state.ruined == 1, state.equity, equity)
        else:
            free_trades = (trades[state.trades], trades[state.trades + 1])
            free_entries = (entries[state.entries], entries[state.entries + 1])
            advance_bar(bar_at(bars, signals, t), rules, state, free_trades, free_entries)
            equity[t] = state.equity
            t += 1


@njit
def finish(
    bars: Bars, signals: SignalArrays, rules: Rules, states: RecordArray, equity: Floats, trades: RecordArray, entries: RecordArray
) -> None:
    """Step 6 after the last bar: ``equity``'s last value becomes the final cash."""
    state = states[0]
    last = len(equity) - 1
    free_trades = (trades[state.trades], trades[state.trades + 1])
    free_entries = (entries[state.entries], entries[state.entries + 1])
    end_data(bar_at(bars, signals, last), rules, state, free_trades, free_entries)
    equity[last] = state.equity
