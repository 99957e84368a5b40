"""The final figures of a run from its score. Ratios are annualized with the market's own number of bars per year."""

import math

from backtest_engine.records import Frame, Record, Score
from strategies.jit import njit_inner

# Where the logarithm of the growth is beyond this, no float holds the growth.
_LARGEST_LOG = 700.0


@njit_inner
def trade_figures(score: Score, out: Record) -> None:
    """Write what hangs on trades alone; without trades (winners, losers) the figures that need them are nan."""
    trades, wins, losses = score.trades, score.wins, score.losses
    out.total_trades = trades
    out.winning_trades = wins
    out.losing_trades = losses
    out.gross_pnl = score.gross_pnl
    out.fees = score.fees
    out.slippage_cost = score.slippage_cost
    out.funding = score.funding
    out.win_rate = 100.0 * wins / trades if trades else math.nan
    out.profit_factor = score.won / -score.lost if losses else math.nan
    out.expectancy = (score.won + score.lost) / trades if trades else math.nan
    out.average_win = score.won / wins if wins else math.nan
    out.average_loss = score.lost / losses if losses else math.nan
    out.max_consecutive_wins = score.longest_win
    out.max_consecutive_losses = score.longest_loss
    out.average_bars_held = score.bars_held / trades if trades else math.nan
    out.missed_entries = score.missed
    out.partial_entries = score.partial
    out.rejected_entries = score.rejected


@njit_inner
def return_figures(score: Score, returns: int, periods_per_year: float, free_return: float, out: Record) -> None:
    """Write what hangs on ``returns`` returns, of which those that are not in the score are 0.

    Sharpe (1994): mean excess return over its standard deviation (ddof 1); Sortino: over the root mean square of the negative excess
    returns. Equal returns have no deviation but for rounding, and the ratio is undefined.
    """
    out.sharpe_ratio = out.sortino_ratio = out.volatility = math.nan
    if returns < 2:
        return
    unchanged = returns - score.returns
    total = score.even_sum + score.odd_sum - unchanged * score.shift
    squares = score.even_squares + score.odd_squares + unchanged * score.shift * score.shift
    mean = score.shift + total / returns - free_return
    deviation = math.sqrt(max(squares - total * total / returns, 0.0) / (returns - 1))
    if squares > 0.0 and deviation > 0.0:
        out.sharpe_ratio = mean / deviation * math.sqrt(periods_per_year)
    out.volatility = deviation * math.sqrt(periods_per_year) * 100.0
    below = min(-free_return, 0.0)
    mean_square = (score.even_downside + score.odd_downside + unchanged * below * below) / returns
    if mean_square > 0.0:
        out.sortino_ratio = mean / math.sqrt(mean_square) * math.sqrt(periods_per_year)


@njit_inner
def growth(first: float, last: float, returns: int, periods_per_year: float) -> float:
    """Return the compound annual growth in percent; nan without a return or where a few lucky bars would compound beyond any float."""
    if returns < 1:
        return math.nan
    if last <= 0.0:
        return -100.0
    logarithm = math.log(last / first) * periods_per_year / returns
    return math.expm1(logarithm) * 100.0 if logarithm < _LARGEST_LOG else math.nan


@njit_inner
def write_figures(score: Score, frame: Frame, out: Record) -> None:
    """Write all figures of a run into ``out``."""
    first, last, returns = frame.first, frame.last, frame.bars - 1
    trade_figures(score, out)
    return_figures(score, returns, frame.periods_per_year, frame.free_return, out)
    net = last - first
    out.net_pnl = net
    out.return_pct = 100.0 * net / first
    out.final_equity = last
    out.max_drawdown = 100.0 * score.worst_share
    out.max_drawdown_quote = score.worst_gap
    out.cagr = growth(first, last, returns, frame.periods_per_year)
    out.calmar_ratio = out.cagr / -out.max_drawdown if score.worst_share < 0.0 else math.nan
    out.recovery_factor = net / -score.worst_gap if score.worst_gap < 0.0 else math.nan
    out.exposure = 100.0 * frame.bars_in_position / frame.bars
    out.ruined = frame.ruined
