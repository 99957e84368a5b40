"""Stretches of quiet bars of a held position, passed many bars at a time.

Whether they are quiet is seen from the extremes of windows that all runs over the same bars share, and what hangs on single prices alone
is computed side by side. Every number is the one that ``hold_bar`` finds bar by bar: sums are added up in the same order.
"""

from numpy import uint64

from backtest_engine.codes import NO_FILL
from backtest_engine.kernels.bar import equity_at
from backtest_engine.kernels.excursions import see, set_extreme
from backtest_engine.kernels.scoring import calm_with, count_drawdown, count_last_bar, mark_return
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
    """Return whether bars between ``bottom`` and ``top`` are quiet, see ``is_quiet``, and move no trailing level."""
    still: bool = bottom > state.quiet_low and top < state.quiet_high
    if trailing and (top > state.better_high or bottom < state.better_low):
        still = False
    return still


@njit_inline
def quiet_bars(tops: Floats, bottoms: Floats, highs: Floats, lows: Floats, t: int, most: int, trailing: bool, state: State) -> int:
    """Return how many of the ``most`` bars from ``t`` on are still, one after the other; ``tops`` and ``bottoms`` are the windows'."""
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
    """Carry the position over ``bars`` still bars from ``t`` on, more than ``WINDOW``; some return must have been counted.

    ``SPAN`` bars from ``t`` on must exist. The last bar's own return stays to be counted, as after every bar. One function, because
    arrays handed on to others are reference-counted: with the parts as functions of their own a bar takes three times as long.
    """
    count_last_bar(score, state, rules.free_return)
    cash, signed_qty, avg_entry, free_return = state.cash, state.direction * state.qty, state.avg_entry, rules.free_return
    shift, lowest, highest, last = score.shift, score.lowest, score.highest, bars - 1
    changed, beyond = 0, 0
    at, back = uint64(t), uint64(t - 1)  # unsigned numbers are never counted from the end: only then are vectors made of this loop
    for i in range(SPAN):
        before = cash + signed_qty * (closes[back + uint64(i)] - avg_entry)
        after = cash + signed_qty * (closes[at + uint64(i)] - avg_entry)
        value = after / before - 1.0
        below = value - free_return
        room[i] = 0.0 if after == before else value - shift
        room[SPAN + i] = 0.0 if after == before or below > 0.0 else below
        counted = i < last
        changed += counted and after != before
        beyond |= counted and (value < lowest or value > highest)
    total, squares, downside = score.sum, score.squares, score.downside
    for i in range(last):
        total += room[i]
        squares += room[i] * room[i]
        downside += room[SPAN + i] * room[SPAN + i]
    score.returns += changed
    score.sum, score.squares, score.downside = total, squares, downside
    if beyond:
        for i in range(last):
            before, after = equity_at(state, closes[t + i - 1]), equity_at(state, closes[t + i])
            if after != before:
                mark_return(score, after / before - 1.0, score.returns)
    high, low = close_tops[t + last - WINDOW], close_bottoms[t + last - WINDOW]
    top, bottom = tops[t + bars - WINDOW], bottoms[t + bars - WINDOW]
    for i in range(0, bars - WINDOW, WINDOW):
        high, low = max(high, close_tops[t + i]), min(low, close_bottoms[t + i])
        top, bottom = max(top, tops[t + i]), min(bottom, bottoms[t + i])
    if not is_peak(score, equity_at(state, high), equity_at(state, low)):
        for i in range(last):
            count_drawdown(score, equity_at(state, closes[t + i]))
    see(state, top, bottom)
    if state.seen_high > state.better_high or state.seen_low < state.better_low:
        set_extreme(state, state.seen_high if state.direction > 0 else state.seen_low)
    state.fill, state.opened = NO_FILL, 0
    state.bars_in_position += bars
    score.before, score.pending = equity_at(state, closes[t + last - 1]), 1
    state.equity = equity_at(state, closes[t + last])


@njit_inline
def is_peak(score: Score, one: float, other: float) -> bool:
    """Keep the highest equity of some bars, whose extremes are ``one`` and ``other``; False when a drawdown may be worse than all before.

    Equity rises or falls with the price, so the extremes of one give those of the other to the last bit.
    """
    peak, worst = max(score.peak, one, other), min(one, other)
    if worst < calm_with(score, peak):
        return False
    score.peak = peak
    return True
