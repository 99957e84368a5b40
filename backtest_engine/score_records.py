"""The records that a run is scored in: numbers only, as those of ``records``."""

from typing import NamedTuple

import numpy as np

# The bars of a held position are passed in spans of so many where they are quiet, which the extremes of so many and of a few bars in a row
# tell. What is computed side by side lies in a room of so many numbers meanwhile.
SPAN, WINDOW = 32, 8
WORTH = WINDOW + 1  # fewer are not worth it; to begin with 16 took sweeps 6 % longer
ROOM = 3 * SPAN

# What the bars and trades so far come to. Returns are summed as distances from the first one, so that nearly equal ones keep their
# difference; bars that change nothing are not counted. Those of even bars and of odd ones are summed apart: an addition to the one does
# not wait for that to the other, which took a third of the time of a bar that is held in a stretch.
SCORE_DTYPE = np.dtype(
    [
        ("pending", "i8"),  # 1 while the return of the last decision bar is not counted yet
        ("before", "f8"),  # the equity before that bar
        ("returns", "i8"),
        ("shift", "f8"),
        ("even_sum", "f8"),
        ("odd_sum", "f8"),
        ("even_squares", "f8"),  # 0 where all returns are equal: floats near 1 that differ do so by 1e-16, whose square is no 0 yet
        ("odd_squares", "f8"),
        ("even_downside", "f8"),  # sum of the squares of what is below the risk-free rate
        ("odd_downside", "f8"),
        ("peak", "f8"),
        ("worst_gap", "f8"),  # <= 0, quote currency
        ("worst_share", "f8"),  # <= 0, of the peak before it
        ("trades", "i8"),
        ("wins", "i8"),
        ("losses", "i8"),
        ("won", "f8"),
        ("lost", "f8"),
        ("gross_pnl", "f8"),
        ("fees", "f8"),
        ("slippage_cost", "f8"),
        ("funding", "f8"),
        ("bars_held", "i8"),
        ("winning_streak", "i8"),
        ("losing_streak", "i8"),
        ("longest_win", "i8"),
        ("longest_loss", "i8"),
        ("missed", "i8"),
        ("partial", "i8"),
        ("rejected", "i8"),
    ],
    align=True,
)

# The final figures; ``Metrics`` says what each of them is.
METRICS_DTYPE = np.dtype(
    [
        ("total_trades", "i8"),
        ("winning_trades", "i8"),
        ("losing_trades", "i8"),
        ("win_rate", "f8"),
        ("net_pnl", "f8"),
        ("return_pct", "f8"),
        ("gross_pnl", "f8"),
        ("fees", "f8"),
        ("slippage_cost", "f8"),
        ("funding", "f8"),
        ("final_equity", "f8"),
        ("sharpe_ratio", "f8"),
        ("sortino_ratio", "f8"),
        ("calmar_ratio", "f8"),
        ("cagr", "f8"),
        ("volatility", "f8"),
        ("max_drawdown", "f8"),
        ("max_drawdown_quote", "f8"),
        ("profit_factor", "f8"),
        ("recovery_factor", "f8"),
        ("expectancy", "f8"),
        ("average_win", "f8"),
        ("average_loss", "f8"),
        ("max_consecutive_wins", "i8"),
        ("max_consecutive_losses", "i8"),
        ("exposure", "f8"),
        ("average_bars_held", "f8"),
        ("missed_entries", "i8"),
        ("partial_entries", "i8"),
        ("rejected_entries", "i8"),
        ("ruined", "?"),
    ]
)


class Sums(NamedTuple):
    """What every return changes; fields of the score, those that the next bar adds to first."""

    returns: int
    sum: float
    squares: float
    downside: float
    other_sum: float
    other_squares: float
    other_downside: float


class Held(NamedTuple):
    """What changes in every held bar, kept out of the records meanwhile: a sum that goes through memory waits for it.

    ``before`` and ``worth`` are the equities of the last two bars, ``pending`` says whether the last one is counted yet; ``calm`` is an
    equity from which up to ``peak`` no drawdown is worse. The others are fields of state and score.
    """

    pending: bool
    before: float
    worth: float
    sums: Sums
    peak: float
    calm: float
    seen_high: float
    seen_low: float
    cash: float
    signed_qty: float
    avg_entry: float
