"""What the equity and the trades of a run come to, added up on the way, so that a run need not remember its bars."""

from backtest_engine.codes import MISSED, PARTIAL
from backtest_engine.records import Record, Rules, Score, State
from backtest_engine.score_records import Sums
from strategies.jit import njit, njit_inline


@njit_inline
def sums_of(score: Score) -> Sums:
    """Take the sums out of the record."""
    return Sums(score.returns, score.sum, score.squares, score.downside)


@njit_inline
def keep_sums(score: Score, sums: Sums) -> None:
    """Put the sums back into the record."""
    score.returns, score.sum, score.squares, score.downside = sums.returns, sums.sum, sums.squares, sums.downside


@njit_inline
def with_return(sums: Sums, score: Score, before: float, after: float, free_return: float) -> Sums:
    """Return the sums with the return of a bar from equity ``before``, above 0, to ``after``; bars without any change are not added."""
    if after == before:
        return sums
    value = after / before - 1.0
    mark_return(score, value, sums.returns)
    distance = value - score.shift
    below = min(value - free_return, 0.0)
    return Sums(sums.returns + 1, sums.sum + distance, sums.squares + distance * distance, sums.downside + below * below)


@njit_inline
def count_return(score: Score, before: float, after: float, free_return: float) -> None:
    """Add the return of a bar from equity ``before``, above 0, to ``after``."""
    keep_sums(score, with_return(sums_of(score), score, before, after, free_return))


@njit_inline
def mark_return(score: Score, value: float, earlier: int) -> None:
    """Keep the lowest and highest return; the first one (``earlier`` 0) is what all distances are measured from."""
    if earlier == 0:
        score.shift = score.lowest = score.highest = value
    if value < score.lowest:
        score.lowest = value
    if value > score.highest:
        score.highest = value


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
    return calm_with(score, score.peak)


@njit_inline
def calm_with(score: Score, peak: float) -> float:
    """Return ``calm_from`` for another peak, not below that of the score."""
    calm: float = peak + max(score.worst_gap, score.worst_share * peak) + 1e-12 * peak
    return calm


@njit_inline
def count_last_bar(score: Score, state: State, free_return: float) -> None:
    """Add the last bar that was simulated, now that nothing changes its equity any more."""
    if score.pending == 1:
        count_return(score, score.before, state.equity, free_return)
        count_drawdown(score, state.equity)
        score.pending = 0


@njit_inline
def begin_bar(score: Score, state: State, rules: Rules) -> None:
    """Close the account of the bar before and remember what the new one begins with."""
    count_last_bar(score, state, rules.free_return)
    score.before = state.equity
    score.pending = 1


@njit
def count_trade(score: Score, trade: Record, bars_held: int) -> None:
    """Add a closed trade with its costs; ``bars_held`` counts decision bars."""
    score.gross_pnl += trade.gross_pnl
    score.fees += trade.fees
    score.slippage_cost += trade.slippage_cost
    score.funding += trade.funding
    count_net(score, trade.net_pnl, bars_held)


@njit
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


@njit
def count_entry(score: Score, entry: Record) -> None:
    """Add an entry that was not filled whole."""
    if entry.kind == MISSED:
        score.missed += 1
    elif entry.kind == PARTIAL:
        score.partial += 1
    else:
        score.rejected += 1
