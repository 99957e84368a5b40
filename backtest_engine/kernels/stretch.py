"""Stretches of quiet bars of a held position, passed many bars at a time.

Whether they are quiet is seen from the extremes of windows that all runs over the same bars share, and what hangs on single prices alone
is computed side by side. Every number is the one that ``hold_bar`` finds bar by bar: sums are added up in the same order.
"""

from numpy import int64, uint64

from backtest_engine.codes import NO_FILL
from backtest_engine.kernels.bar import equity_at
from backtest_engine.kernels.excursions import set_extreme
from backtest_engine.kernels.scoring import calm_with, count_drawdown, count_last_bar
from backtest_engine.records import Floats, Rules, Score, State
from backtest_engine.score_records import SPAN, WINDOW
from strategies.jit import njit, njit_inline


@njit
def write_windows(values: Floats, highest: Floats, lowest: Floats) -> None:
    """Write the highest and the lowest of the ``WINDOW`` values from each one on that has so many."""
    for i in range(len(highest)):
        high, low = values[i], values[i]
        for k in range(1, WINDOW):
            value = values[i + k]
            high = value if value > high else high
            low = value if value < low else low
        highest[i], lowest[i] = high, low


@njit_inline
def is_still(top: float, bottom: float, trailing: bool, state: State) -> bool:
    """Return whether bars between ``bottom`` and ``top`` are quiet and move no trailing level."""
    still: bool = bottom > state.quiet_low and top < state.quiet_high
    if trailing and (top > state.better_high or bottom < state.better_low):
        still = False
    return still


@njit_inline
def quiet_bars(
    tops: Floats, bottoms: Floats, highs: Floats, lows: Floats, t: int, most: int, rules: Rules, state: State
) -> int:
    """Return how many of the ``most`` bars from ``t`` on are quiet, one after the other, and move no trailing level."""
    trailing = rules.trailing_sl_enabled or rules.trailing_tp_enabled
    quiet = 0
    while quiet + WINDOW <= most and is_still(tops[t + quiet], bottoms[t + quiet], trailing, state):
        quiet += WINDOW
    while quiet < most and is_still(highs[t + quiet], lows[t + quiet], trailing, state):
        quiet += 1
    return quiet


@njit_inline
def hold_bars(
    tops: Floats,
    bottoms: Floats,
    closes: Floats,
    close_tops: Floats,
    close_bottoms: Floats,
    t: int,
    bars: int,
    room: Floats,
    rules: Rules,
    state: State,
    score: Score,
) -> None:
    """Carry the position over ``bars`` quiet bars from ``t`` on, more than ``WINDOW``; some return must have been counted."""
    count_last_bar(score, state, rules.free_return)
    cash, signed_qty, avg_entry, free_return = state.cash, state.direction * state.qty, state.avg_entry, rules.free_return
    shift, lowest, highest = score.shift, score.lowest, score.highest
    changed, widened = 0, 0
    last = bars - 1
    at, back = uint64(t), uint64(t - 1)  # unsigned numbers are never counted from the end: only then are vectors made of this loop
    for i in range(SPAN):
        before = cash + signed_qty * (closes[back + uint64(i)] - avg_entry)
        after = cash + signed_qty * (closes[at + uint64(i)] - avg_entry)
        value = after / before - 1.0
        below = value - free_return
        room[i] = 0.0 if after == before else value - shift
        room[SPAN + i] = 0.0 if after == before or below > 0.0 else below
        counted = int64(i < last)
        changed += counted & int64(after != before)
        widened |= counted & int64(value < lowest or value > highest)
    total, squares, downside = score.sum, score.squares, score.downside
    for i in range(last):
        total += room[i]
        squares += room[i] * room[i]
        downside += room[SPAN + i] * room[SPAN + i]
    score.returns += changed
    score.sum, score.squares, score.downside = total, squares, downside
    if widened:
        before = state.equity
        for i in range(last):
            after = equity_at(state, closes[at + uint64(i)])
            if after != before:
                score.lowest = min(score.lowest, after / before - 1.0)
                score.highest = max(score.highest, after / before - 1.0)
            before = after
    high, low = close_tops[at + uint64(last - WINDOW)], close_bottoms[at + uint64(last - WINDOW)]
    seen_high, seen_low = tops[at + uint64(bars - WINDOW)], bottoms[at + uint64(bars - WINDOW)]
    for i in range(0, last - WINDOW, WINDOW):
        k = at + uint64(i)
        high = close_tops[k] if close_tops[k] > high else high
        low = close_bottoms[k] if close_bottoms[k] < low else low
        seen_high = tops[k] if tops[k] > seen_high else seen_high
        seen_low = bottoms[k] if bottoms[k] < seen_low else seen_low
    # equity rises or falls with the price, so the extremes of one give those of the other to the last bit
    best = equity_at(state, high) if signed_qty > 0.0 else equity_at(state, low)
    worst = equity_at(state, low) if signed_qty > 0.0 else equity_at(state, high)
    peak = best if best > score.peak else score.peak
    if worst >= calm_with(score, peak):
        score.peak = peak
    else:
        for i in range(last):
            count_drawdown(score, equity_at(state, closes[at + uint64(i)]))
    state.seen_high = seen_high if seen_high > state.seen_high else state.seen_high
    state.seen_low = seen_low if seen_low < state.seen_low else state.seen_low
    best = state.seen_high if state.direction > 0 else state.seen_low
    if best > state.better_high or best < state.better_low:
        set_extreme(state, best)
    state.fill, state.opened = NO_FILL, 0
    score.before, score.pending = equity_at(state, closes[at + uint64(last - 1)]), 1
    state.equity = equity_at(state, closes[at + uint64(last)])
    state.bars_in_position += bars
