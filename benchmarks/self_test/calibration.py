"""How strong the planted swings are for a strategy of a known Sharpe ratio.

The true annual Sharpe ratio of a strength is the mean, over many series of three years, of the annual Sharpe ratio of daily returns after
all costs that the default strategy has with the parameters that a self-test starts from: no search, nothing chosen.
"""

import numpy as np

from backtest_engine import BacktestEngine
from benchmarks.self_test.series import planted
from config import StrategyConfig

# The defaults, but for thresholds at which there are enough trades for windows of 20 days.
STRATEGY = StrategyConfig(rsi_long_threshold=45, rsi_short_threshold=55)
ORDER_QTY = 0.1
THREE_YEARS = 1095  # days
SERIES = 200
# Found by ``python -m benchmarks.self_test calibrate``: Sharpe ratio -> strength.
STRENGTHS = {1.0: 0.0806, 2.0: 0.108, 3.0: 0.1358, 4.0: 0.168}
_FIRST_SEED = 1_000_000  # far from those of the campaigns
_NONE, _EACH = 0.054, 0.027  # roughly: the strength that pays the costs, and what each more of the ratio takes
_ROUNDS = 8
_CLOSE = 0.02  # less than half of the standard error


def sharpes(strength: float, series: int = SERIES) -> tuple[float, float]:
    """Return the mean of the annual Sharpe ratios of ``series`` series of this strength, and its standard error."""
    found = [_sharpe(seed, strength) for seed in range(_FIRST_SEED, _FIRST_SEED + series)]
    return float(np.mean(found)), float(np.std(found, ddof=1) / np.sqrt(series))


def strength_of(sharpe: float, series: int = SERIES) -> float:
    """Return the strength at which the mean is ``sharpe``, by the secant method on the same series throughout."""
    left, right = (near * (_NONE + _EACH * sharpe) for near in (0.97, 1.03))
    low, high = sharpes(left, series)[0], sharpes(right, series)[0]
    for _ in range(_ROUNDS):
        left, low, right = right, high, right + (sharpe - high) * (right - left) / (high - low)
        high = sharpes(right, series)[0]
        if abs(high - sharpe) < _CLOSE:
            break
    return right


def _sharpe(seed: int, strength: float) -> float:
    return BacktestEngine(planted(seed, THREE_YEARS, strength), STRATEGY, ORDER_QTY).run().metrics.sharpe_ratio
