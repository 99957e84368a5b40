"""Scores of a finished equity curve and of a list of trades: the same counting as in a run."""

from numpy import int64
from numpy.typing import NDArray

from backtest_engine.kernels.scoring import count_drawdown, count_net, count_return
from backtest_engine.records import Floats, RecordArray
from strategies.jit import njit


@njit
def score_curve(equity: Floats, net_pnl: Floats, bars_held: NDArray[int64], free_return: float, scores: RecordArray) -> None:
    """Count the returns and drawdowns of ``equity`` and trades in order of exit; after an equity of 0 or less a bar returns nothing."""
    score = scores[0]
    for t in range(1, len(equity)):
        if equity[t - 1] > 0.0:
            count_return(score, equity[t - 1], equity[t], free_return, t)
        count_drawdown(score, equity[t])
    for i in range(len(net_pnl)):
        count_net(score, net_pnl[i], bars_held[i])
