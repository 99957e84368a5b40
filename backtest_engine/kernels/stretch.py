"""Stretches of quiet bars of a held position, passed many bars at a time.

Whether they are quiet is seen from the extremes of windows that all runs over the same bars share, and what hangs on single prices alone
is computed side by side. Every number is the one that ``hold_bar`` finds bar by bar: sums are added up in the same order.
"""

import numpy as np
from numpy import uint64

from backtest_engine.codes import NO_FILL
from backtest_engine.kernels.bar import equity_at
from backtest_engine.kernels.scoring import calm_from, count_drawdown, count_last_bar, keep_sums, sums_of
from backtest_engine.records import Floats, Rules, Score, State
from backtest_engine.score_records import SPAN, WINDOW, Sums
from strategies.jit import njit, njit_inline


@njit
def write_windows(
    highs: Floats, lows: Floats, tops: Floats, bottoms: Floats, span_tops: Floats, span_bottoms: Floats
) -> tuple[float, float]:
    """Write the highest high and the lowest low of the ``WINDOW`` and of the ``SPAN`` bars from each bar on that has so many.

    Returns those of all bars.
    """
    for i in range(len(tops)):
        top, bottom = highs[i], lows[i]
        for k in range(1, WINDOW):
            top, bottom = highest(top, highs[i + k]), lowest(bottom, lows[i + k])
        tops[i], bottoms[i] = top, bottom
    for i in range(len(span_tops)):
        top, bottom = tops[i], bottoms[i]
        for k in range(WINDOW, SPAN, WINDOW):
            top, bottom = highest(top, tops[i + k]), lowest(bottom, bottoms[i + k])
        span_tops[i], span_bottoms[i] = top, bottom
    top, bottom = -np.inf, np.inf
    for i in range(len(highs)):
        top, bottom = highest(top, highs[i]), lowest(bottom, lows[i])
    return top, bottom


@njit_inline
def highest(one: float, other: float) -> float:
    """Return the higher one of two prices, in a way that vectors are made of."""
    return other if other > one else one


@njit_inline
def lowest(one: float, other: float) -> float:
    """Return the lower one."""
    return other if other < one else one


@njit_inline
def is_still(top: float, bottom: float, state: State) -> bool:
    """Return whether bars between ``bottom`` and ``top`` are quiet, see ``is_quiet``, and move no trailing level."""
    quiet: bool = bottom > state.quiet_low and top < state.quiet_high
    still: bool = quiet and top <= state.stir_high and bottom >= state.stir_low
    return still


@njit_inline
def quiet_bars(
    tops: Floats, bottoms: Floats, span_tops: Floats, span_bottoms: Floats, highs: Floats, lows: Floats, t: int, most: int, state: State
) -> tuple[int, float, float]:
    """Return how many of the ``most`` bars from ``t`` on are still, one after the other, and between which prices they lie.

    ``tops`` and ``bottoms`` are the windows', and the spans'.
    """
    at, quiet, top, bottom = uint64(t), 0, -np.inf, np.inf
    while quiet + SPAN <= most and is_still(span_tops[at], span_bottoms[at], state):
        top, bottom = highest(top, span_tops[at]), lowest(bottom, span_bottoms[at])
        quiet += SPAN
        at += uint64(SPAN)
    while quiet + WINDOW <= most and is_still(tops[at], bottoms[at], state):
        top, bottom = highest(top, tops[at]), lowest(bottom, bottoms[at])
        quiet += WINDOW
        at += uint64(WINDOW)
    while quiet < most and is_still(highs[at], lows[at], state):
        top, bottom = highest(top, highs[at]), lowest(bottom, lows[at])
        quiet += 1
        at += uint64(1)
    return quiet, top, bottom


@njit_inline
def hold_bars(
    closes: Floats,
    t: int,
    bars: int,
    room: Floats,
    rules: Rules,
    state: State,
    score: Score,
) -> None:
    """Carry the position over ``bars`` still bars from ``t`` on, more than ``WINDOW``; some return must have been counted.

    ``bars`` rounded up to whole ``SPAN`` must exist. The last bar's own return stays to be counted, as after every bar. One function,
    because arrays handed on to others are reference-counted: with the parts as functions of their own a bar takes three times as long.
    """
    count_last_bar(score, state, rules.free_return, t - 1)
    cash, signed_qty, avg_entry, free_return = state.cash, state.direction * state.qty, state.avg_entry, rules.free_return
    shift, last, changed = score.shift, bars - 1, 0
    returns, total, squares, downside, other_total, other_squares, other_downside = sums_of(score, t)
    for done in range(0, last, SPAN):
        # unsigned numbers are never counted from the end: only then are vectors made of this loop
        at, back, count = uint64(t + done), uint64(t + done - 1), min(last - done, SPAN)
        peak, calm, beyond = score.peak, calm_from(score), 0
        for i in range(SPAN):
            before = cash + signed_qty * (closes[back + uint64(i)] - avg_entry)
            after = cash + signed_qty * (closes[at + uint64(i)] - avg_entry)
            value = after / before - 1.0
            counted = i < count and after != before
            distance = value - shift if counted else 0.0
            below = min(value - free_return, 0.0) if counted else 0.0
            room[i], room[SPAN + i], room[2 * SPAN + i] = distance, distance * distance, below * below
            changed += counted
            beyond |= i < count and (after > peak or after < calm)
        for group in range(uint64(0), uint64(count), uint64(WINDOW)):  # what is behind the last one adds 0.0
            for i in range(0, WINDOW, 2):
                total += room[group + uint64(i)]
                squares += room[group + uint64(SPAN + i)]
                downside += room[group + uint64(2 * SPAN + i)]
                other_total += room[group + uint64(i + 1)]
                other_squares += room[group + uint64(SPAN + i + 1)]
                other_downside += room[group + uint64(2 * SPAN + i + 1)]
        if beyond:
            for i in range(count):
                worth = cash + signed_qty * (closes[at + uint64(i)] - avg_entry)
                if worth > peak or worth < calm:
                    count_drawdown(score, worth)
                    peak, calm = score.peak, calm_from(score)
    keep_sums(score, Sums(returns + changed, total, squares, downside, other_total, other_squares, other_downside), t)
    state.fill, state.opened = NO_FILL, 0
    state.bars_in_position += bars
    score.before, score.pending = equity_at(state, closes[uint64(t + last - 1)]), 1
    state.equity = equity_at(state, closes[uint64(t + last)])
