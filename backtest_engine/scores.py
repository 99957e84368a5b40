"""States and scores of runs before their first bar, and the records of some of many runs."""

import numpy as np
from numpy.typing import NDArray

from backtest_engine.records import STATE_DTYPE, RecordArray
from backtest_engine.score_records import SCORE_DTYPE


def fresh_states(rows: int, initial_capital: float) -> RecordArray:
    """Return the accounts of ``rows`` runs before their first bar."""
    states = np.zeros(rows, STATE_DTYPE)
    states["cash"] = states["equity"] = initial_capital
    states["trail"] = np.nan
    states["seen_high"], states["seen_low"] = -np.inf, np.inf
    return states


def fresh_scores(rows: int, initial_capital: float) -> RecordArray:
    """Return the scores of ``rows`` runs before their first bar."""
    scores = np.zeros(rows, SCORE_DTYPE)
    scores["peak"] = initial_capital
    return scores


def taken(records: RecordArray, rows: NDArray[np.int64]) -> RecordArray:
    """Return copies of some of ``records``, whole: numpy copies them field by field, 150 states in 58 us instead of 6."""
    return _whole(records)[rows].view(records.dtype)


def put(records: RecordArray, rows: NDArray[np.int64], changed: RecordArray) -> None:
    """Put records that were ``taken`` back into their rows."""
    _whole(records)[rows] = _whole(changed)


def _whole(records: RecordArray) -> RecordArray:
    return records.view(np.dtype((np.void, records.itemsize)))
