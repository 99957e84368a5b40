"""States and scores of runs before their first bar, and the metrics of those that have some behind them."""

import numpy as np

from backtest_engine.records import STATE_DTYPE, RecordArray
from backtest_engine.score_records import SCORE_DTYPE


def fresh_states(rows: int, initial_capital: float) -> RecordArray:
    """Return the accounts of ``rows`` runs before their first bar."""
    states = np.zeros(rows, STATE_DTYPE)
    states["cash"] = states["equity"] = initial_capital
    states["trail"] = np.nan
    return states


def fresh_scores(rows: int, initial_capital: float) -> RecordArray:
    """Return the scores of ``rows`` runs before their first bar."""
    scores = np.zeros(rows, SCORE_DTYPE)
    scores["peak"] = initial_capital
    return scores
