"""The loop over bars, resumable at any decision bar."""

import numpy as np
from numpy import int64, uint64
from numpy.typing import NDArray

from backtest_engine.kernels.bar import advance_bar, end_data, equity_at
from backtest_engine.kernels.hold import begin_holding, carry_on, end_holding, hold_bar, is_quiet, see_between
from backtest_engine.kernels.regime import regime_multiplier
from backtest_engine.kernels.scoring import begin_bar, count_entry, count_last_bar, count_trade
from backtest_engine.kernels.stretch import hold_bars, is_still, quiet_bars
from backtest_engine.records import Bar, Bars, Floats, RecordArray, RecordPair, Rules, Score, State
from backtest_engine.score_records import SPAN, WORTH
from strategies.jit import njit_inline, njit_inner
from strategies.sparse import SparseSignals

Numbers = NDArray[int64]


@njit_inline
def is_idle(state: State) -> bool:
    """Return whether nothing but a new signal can change the account."""
    return state.direction == 0 and state.entry_direction == 0 and state.signal == 0


@njit_inline
def may_open(direction: int, rules: Rules) -> bool:
    """Return whether a signal of ``direction`` may start an entry."""
    allowed: bool = rules.allow_long if direction > 0 else rules.allow_short
    return allowed


@njit_inline
def ends_position(direction: int, rules: Rules, state: State) -> bool:
    """Return whether a signal of ``direction`` closes what is held; one that does not is ignored."""
    ends: bool = direction != state.direction and rules.exit_on_opposite_signal
    return ends


@njit_inline
def next_wake(signal_bars: Numbers, firsts: Numbers, state: State, never: int) -> int:
    """Return the bar in which the next signal acts, the first one of the decision bar after its own; ``never`` when there is none."""
    if state.next_signal == len(signal_bars):
        return never
    after = signal_bars[uint64(state.next_signal)] + 1
    return int(firsts[uint64(after)] if len(firsts) > 0 else after)


@njit_inner
def simulate(
    bars: Bars,
    signals: SparseSignals,
    rules: Rules,
    state: State,
    score: Score,
    start: int,
    end: int,
    equity: Floats,
    trades: RecordArray,
    entries: RecordArray,
    room: Floats,
) -> None:
    """Advance ``state`` and ``score`` over decision bars ``[start, end)``, on finer bars where ``bars`` has them.

    A run over ``[0, k)`` then ``[k, N)`` equals ``[0, N)`` bit for bit. Flat stretches are skipped: bar after bar would find nothing to
    do. ``equity`` gets each decision bar's close, unless it has length 0. ``trades`` and ``entries`` keep their records where they have
    room for one per signal and two to spare (each signal starts at most one entry, each entry at most one trade); with room for two,
    which any bar may need, nothing is kept.
    """
    # Arrays are taken out of their tuples once: every access through a tuple, and every call with an array, counts references. For the
    # same reason this is one function: with the two loops of a held position as functions of their own a run takes a quarter longer,
    # with the full step as one six times as long.
    opens, highs, lows, closes, volumes, vwaps, rates = bars.open, bars.high, bars.low, bars.close, bars.volume, bars.vwap, bars.funding
    signal_bars, directions, touch_levels, atrs = signals.bars, signals.directions, signals.touch_level, signals.atr
    decisions, places, firsts, decision_closes = bars.decisions.of, bars.decisions.place, bars.decisions.first, bars.decisions.close
    tops, bottoms, span_tops, span_bottoms = bars.windows.high, bars.windows.low, bars.windows.span_high, bars.windows.span_low
    roomy = len(room) > 0 and len(tops) > 0
    lowest_of_all, highest_of_all = bars.windows.lowest, bars.windows.highest
    has_volume, funded, keep, keep_equity, fine = bars.has_volume, len(rates) > 0, len(trades) > 2, len(equity) > 0, len(firsts) > 0
    # only trailing levels and the excursions of a trade that is kept need to know what a position has seen
    unseen = not keep and not rules.trailing_sl_enabled and not rules.trailing_tp_enabled
    inside, behind, tiered = bars.decisions.inside, signals.behind, rules.hybrid_engine
    t, stop = (firsts[start], firsts[end]) if fine else (start, end)
    while t < stop:
        wakes = next_wake(signal_bars, firsts, state, stop)
        while wakes < stop and is_idle(state) and not may_open(directions[uint64(state.next_signal)], rules):
            state.next_signal += 1  # of a side that is switched off, with nothing to end
            wakes = next_wake(signal_bars, firsts, state, stop)
        if t == 0 or state.ruined == 1 or (is_idle(state) and t < wakes):
            if t > 0:
                count_last_bar(score, state, rules.free_return, decisions[t - 1] if fine else t - 1)
            until = stop if state.ruined == 1 else min(max(wakes, 1), stop)
            if keep_equity:
                first = decisions[t] if fine else t
                equity[first : (end if until == stop else decisions[until]) if fine else until] = state.equity
            t = until
            continue
        if state.direction != 0 and state.entry_direction == 0 and state.signal == 0:
            if fine:
                k = decisions[t]
                while t < stop and is_quiet(highs[t], lows[t], rates[t] if funded else 0.0, state):
                    if t == firsts[k]:
                        if t == wakes:
                            if ends_position(directions[state.next_signal], rules, state):
                                break
                            state.next_signal += 1  # a signal that a held position ignores
                            wakes = next_wake(signal_bars, firsts, state, stop)
                        begin_bar(score, state, rules, k)
                    carry_on(highs[t], lows[t], closes[t], rules, state)
                    t += 1
                    if t == firsts[k + 1]:
                        state.bars_in_position += 1
                        if keep_equity:
                            equity[k] = state.equity
                        k += 1
            else:
                acts = False
                while roomy and not acts and score.returns > 0:
                    most = min(min(wakes, stop) - t, (len(closes) - t) // SPAN * SPAN)
                    if unseen and is_still(highest_of_all, lowest_of_all, state):  # without stops many a position waits for a signal only
                        passed, top, bottom = most, -np.inf, np.inf
                    else:
                        passed, top, bottom = quiet_bars(tops, bottoms, span_tops, span_bottoms, highs, lows, t, most, state)
                    if passed < WORTH:
                        break  # too few to be worth it
                    hold_bars(closes, t, passed, room, rules, state, score)
                    see_between(bottom, top, state)
                    if keep_equity:
                        for i in range(passed):
                            equity[t + i] = equity_at(state, closes[t + i])
                    t += passed
                    acts = passed < most or (t == wakes and t < stop and ends_position(directions[uint64(state.next_signal)], rules, state))
                if not acts:
                    begun, held, pause = t, begin_holding(state, score, t - 1), min(t + SPAN, stop) if roomy else stop
                    while t < pause:
                        now = uint64(t)
                        high, low = highs[now], lows[now]
                        if not is_quiet(high, low, rates[now] if funded else 0.0, state):
                            break
                        if t == wakes:
                            if ends_position(directions[uint64(state.next_signal)], rules, state):
                                break
                            state.next_signal += 1  # a signal that a held position ignores
                            wakes = next_wake(signal_bars, firsts, state, stop)
                        held = hold_bar(held, high, low, closes[now], rules, state, score)
                        if keep_equity:
                            equity[now] = held.worth
                        t += 1
                    if t > begun:
                        end_holding(held, t - begun, state, score, t - 1)
                    if t == pause:
                        continue
            if t == stop:
                break
        at = uint64(t)  # unsigned numbers are never counted from the end
        k = decisions[at] if fine else t
        if not fine or t == firsts[k]:
            begin_bar(score, state, rules, k)
        ended, logged = state.trades, state.entries
        slot, event = (uint64(ended), uint64(logged)) if keep else (uint64(0), uint64(0))
        free_trades = (trades[slot], trades[slot + uint64(1)])
        free_entries = (entries[event], entries[event + uint64(1)])
        before = k - 1
        signal, regime, known, atr = 0, 1.0, uint64(behind + before), 0.0
        if wakes == t:
            signal = directions[uint64(state.next_signal)]
            state.next_signal += 1
            atr = atrs[known]
            if rules.regime_response != 0.0:
                regime = regime_multiplier(atrs, behind + before, rules)
        bar = Bar(
            t,
            opens[at],
            highs[at],
            lows[at],
            closes[at],
            volumes[at],
            vwaps[at] if tiered else 0.0,
            rates[at] if funded else 0.0,
            has_volume,
            not has_volume or volumes[at] > 0.0,
            closes[at - uint64(1)],
            signal,
            before,
            decision_closes[uint64(before)] if fine else closes[uint64(before)],
            touch_levels[known] if tiered else 0.0,
            atr,
            regime,
            places[at] if fine else 0,
            inside,
            not fine or t + 1 == firsts[k + 1],
        )
        advance_bar(bar, rules, state, free_trades, free_entries)
        if state.trades != ended or state.entries != logged:
            count_records(score, free_trades, state.trades - ended, free_entries, state.entries - logged, decisions)
        if keep_equity:
            equity[k] = state.equity
        t += 1


@njit_inline
def next_free(records: RecordArray, used: int) -> RecordPair:
    """Return the next two records to write; the same two for ever where nothing is kept."""
    slot = used if len(records) > 2 else 0
    return records[slot], records[slot + 1]


@njit_inline
def count_records(score: Score, trades: RecordPair, ended: int, entries: RecordPair, logged: int, decisions: Numbers) -> None:
    """Add what a bar has ended to the score."""
    for i in range(ended):
        first, last = trades[i].entry_bar, trades[i].exit_bar
        count_trade(score, trades[i], decisions[last] - decisions[first] if len(decisions) > 0 else last - first)
    for i in range(logged):
        count_entry(score, entries[i])


@njit_inner
def finish(
    bars: Bars,
    rules: Rules,
    state: State,
    score: Score,
    equity: Floats,
    trades: RecordArray,
    entries: RecordArray,
) -> None:
    """Step 6 after the last bar: ``equity``'s last value becomes the final cash."""
    ended, logged = state.trades, state.entries
    free_trades, free_entries = next_free(trades, ended), next_free(entries, logged)
    last, close = len(bars.close) - 1, bars.close[-1]
    bar = Bar(
        last, bars.open[last], bars.high[last], bars.low[last], close, bars.volume[last], 0.0,
        0.0, bars.has_volume, True, close, 0, 0, close, 0.0, 0.0, 1.0, 0, 1, True,
    )  # fmt: skip
    end_data(bar, rules, state, free_trades, free_entries)
    count_records(score, free_trades, state.trades - ended, free_entries, state.entries - logged, bars.decisions.of)
    if len(equity) > 0:
        equity[-1] = state.equity
