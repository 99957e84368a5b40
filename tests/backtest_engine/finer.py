"""Made-up candles on two timeframes: fine ones, and decision bars made of them."""

from typing import Any

import numpy as np

from config import ExecutionConfig
from core.candles import Candles
from core.timeframe import Timeframe
from market_data.resample import resample
from tests.backtest_engine.markets import random_walk

FINE = ExecutionConfig(initial_capital=900.0, leverage=3.0, risk_free_rate=0.04, detail_timeframe="5m")
INSIDE = 12


def two_timeframes(decisions: int, seed: int, *, silent_share: float = 0.1, lost_share: float = 0.0) -> tuple[Candles, Candles]:
    """Return hourly candles and the five-minute ones under them, of which ``lost_share`` is lost afterwards; one of each hour stays."""
    detail = random_walk(INSIDE * decisions, seed, timeframe="5m", volatility=0.004, silent_share=silent_share)
    candles = resample(detail, Timeframe.parse("1h"))
    rng = np.random.default_rng(seed)
    kept = rng.random(len(detail)) >= lost_share
    kept[INSIDE * np.arange(decisions) + rng.integers(0, INSIDE, decisions)] = True
    return candles, only(detail, kept)


def only(candles: Candles, rows: Any, **changes: Any) -> Candles:
    """Return the bars of ``candles`` that ``rows`` picks, with ``changes`` to their market, columns or ``has_volume``."""
    names = ("open", "high", "low", "close", "volume")
    columns = {"timestamp": candles.open_ms[rows]} | {name: getattr(candles, name)[rows] for name in names}
    market = changes.pop("market", candles.market)
    options = {name: changes.pop(name) for name in ("has_volume", "synthetic") if name in changes}
    return Candles.from_arrays(market, columns | changes, **options)
