"""How far the volatility at a signal stands from its own past."""

import numpy as np

from backtest_engine.records import Floats, Rules
from strategies.jit import njit_inner


@njit_inner
def regime_multiplier(atr: Floats, at: int, rules: Rules) -> float:
    """Return what the distances of stop and target are multiplied by, from ``atr[at]`` and the values before it; 1 without enough."""
    bars = rules.regime_lookback
    if rules.regime_response == 0.0 or at + 1 < bars:
        return 1.0
    total = 0.0
    for i in range(at - bars + 1, at + 1):
        total += atr[i]
    mean = total / bars
    if mean == 0.0 or np.isnan(mean):
        return 1.0
    multiplier = 1.0 + rules.regime_response * (atr[at] / mean - 1.0)
    kept: float = min(max(multiplier, rules.regime_min_multiplier), rules.regime_max_multiplier)
    return kept
