"""What the equity and the trades of a run come to, added up on the way, so that a run need not remember its bars."""

from backtest_engine.codes import MISSED, PARTIAL
from backtest_engine.records import Record, Rules, Score, State
from backtest_engine.score_records import Sums
from strategies.jit import njit_inline, njit_inner


@njit_inline
def sums_of(score: Score, bar: int) -> Sums:
    """Take the sums out of the record, as the return of decision bar ``bar`` needs them."""
    even = score.even_sum, score.even_squares, score.even_downside
    odd = score.odd_sum, score.odd_squares, score.odd_downside
    first, second = (odd, even) if bar & 1 else (even, odd)
    return Sums(score.returns, first[0], first[1], first[2], second[0], second[1], second[2])


@njit_inline
def keep_sums(score: Score, sums: Sums, bar: int) -> None:
    """Put the sums back into the record, as they are before the return of decision bar ``bar``."""
    first, second = (sums.sum, sums.squares, sums.downside), (sums.other_sum, sums.other_squares, sums.other_downside)
    even, odd = (second, first) if bar & 1 else (first, second)
    score.returns = sums.returns
    score.even_sum, score.even_squares, score.even_downside = even
    score.odd_sum, score.odd_squares, score.odd_downside = odd


@njit_inline
def with_return(sums: Sums, score: Score, before: float, after: float, free_return: float) -> Sums:
    """Return the sums, for the next bar, with the return of a bar from equity ``before``, above 0, to ``after``, if there is any change.

    The first return is what all distances are measured from.
    """
    returns, total, squares, downside = sums.returns, sums.sum, sums.squares, sums.downside
    if after != before:
        value = after / before - 1.0
        if returns == 0:
            score.shift = value
        distance = value - score.shift
        below = min(value - free_return, 0.0)
        returns, total, squares, downside = returns + 1, total + distance, squares + distance * distance, downside + below * below
    return Sums(returns, sums.other_sum, sums.other_squares, sums.other_downside, total, squares, downside)


@njit_inline
def count_return(score: Score, before: float, after: float, free_return: float, bar: int) -> None:
    """Add the return of decision bar ``bar`` from equity ``before``, above 0, to ``after``."""
    keep_sums(score, with_return(sums_of(score, bar), score, before, after, free_return), bar + 1)


@njit_inline
def count_drawdown(score: Score, equity: float) -> None:
    """Measure a bar's equity against the highest so far."""
    if equity > score.peak:
        score.peak = equity
    else:
        gap = equity - score.peak
        score.worst_gap = min(score.worst_gap, gap)
        score.worst_share = min(score.worst_share, gap / score.peak)


@njit_inline
def calm_from(score: Score) -> float:
    """Return an equity from which up to the peak ``count_drawdown`` would find nothing worse, a hair too high rather than too low."""
    peak = score.peak
    calm: float = peak + max(score.worst_gap, score.worst_share * peak) + 1e-12 * peak
    return calm


@njit_inline
def count_last_bar(score: Score, state: State, free_return: float, bar: int) -> None:
    """Add the last bar that was simulated, decision bar ``bar``, now that nothing changes its equity any more."""
    if score.pending == 1:
        count_return(score, score.before, state.equity, free_return, bar)
        count_drawdown(score, state.equity)
        score.pending = 0


@njit_inline
def begin_bar(score: Score, state: State, rules: Rules, bar: int) -> None:
    """Close the account of the bar before and remember what decision bar ``bar`` begins with."""
    count_last_bar(score, state, rules.free_return, bar - 1)
    score.before = state.equity
    score.pending = 1


@njit_inner
def count_trade(score: Score, trade: Record, bars_held: int) -> None:
    """Add a closed trade with its costs; ``bars_held`` counts decision bars."""
    score.gross_pnl += trade.gross_pnl
    score.fees += trade.fees
    score.slippage_cost += trade.slippage_cost
    score.funding += trade.funding
    count_net(score, trade.net_pnl, bars_held)


@njit_inner
def count_net(score: Score, net: float, bars_held: int) -> None:
    """Add what a trade came to; one that neither wins nor loses ends both streaks."""
    score.trades += 1
    score.bars_held += bars_held
    score.winning_streak = score.winning_streak + 1 if net > 0.0 else 0
    score.losing_streak = score.losing_streak + 1 if net < 0.0 else 0
    score.longest_win = max(score.longest_win, score.winning_streak)
    score.longest_loss = max(score.longest_loss, score.losing_streak)
    if net > 0.0:
        score.wins += 1
        score.won += net
    elif net < 0.0:
        score.losses += 1
        score.lost += net


@njit_inner
def count_entry(score: Score, entry: Record) -> None:
    """Add an entry that was not filled whole."""
    if entry.kind == MISSED:
        score.missed += 1
    elif entry.kind == PARTIAL:
        score.partial += 1
    else:
        score.rejected += 1
