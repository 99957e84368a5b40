"""The volume-weighted averages against sums written out in plain Python."""

import math
from pathlib import Path

import numpy as np
import pytest

from core.candles import Candles
from core.timeframe import DAY_MS
from market_data import read_candle_file
from strategies.indicators import rolling_vwap, session_vwap
from tests.backtest_engine.markets import random_walk


def plain_vwap(candles: Candles, first: int, last: int) -> float:
    """Return the VWAP of bars ``first`` to ``last``, both included."""
    bars = range(first, last + 1)
    volume = math.fsum(candles.volume[i] for i in bars)
    money = math.fsum((candles.high[i] + candles.low[i] + candles.close[i]) / 3 * candles.volume[i] for i in bars)
    return money / volume if volume > 0 else math.nan


def rolling(candles: Candles, period: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return rolling_vwap(candles.high, candles.low, candles.close, candles.volume, period)


def session(candles: Candles, session_ms: int = DAY_MS) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return session_vwap(candles.open_ms, candles.high, candles.low, candles.close, candles.volume, session_ms)


@pytest.fixture(scope="module", params=["walk", "real"])
def candles(request: pytest.FixtureRequest, shared_data: Path) -> Candles:
    if request.param == "walk":
        return random_walk(500, silent_share=0.4)
    return read_candle_file(shared_data / "candles" / "BINANCE_BTCUSDT_15m.parquet")[1000:1700]


@pytest.mark.parametrize("period", [1, 2, 7, 96])
def test_rolling_vwap_is_money_over_volume_of_the_last_bars(period: int, candles: Candles) -> None:
    expected = [math.nan] * (period - 1) + [plain_vwap(candles, t - period + 1, t) for t in range(period - 1, len(candles))]
    np.testing.assert_allclose(rolling(candles, period), expected, rtol=1e-9)


@pytest.mark.parametrize("session_ms", [DAY_MS, DAY_MS // 3])
def test_session_vwap_starts_anew_at_each_session(session_ms: int, candles: Candles) -> None:
    number = candles.open_ms // session_ms
    starts = [int(np.argmax(number == number[t])) for t in range(len(candles))]
    expected = [plain_vwap(candles, start, t) for t, start in enumerate(starts)]
    np.testing.assert_allclose(session(candles, session_ms), expected, rtol=1e-9)


def test_vwap_is_undefined_without_volume() -> None:
    silent = random_walk(50, silent_share=1.0)
    assert np.isnan(rolling(silent, 5)).all()
    assert np.isnan(session(silent)).all()


def test_rolling_vwap_of_too_few_bars_is_undefined() -> None:
    assert np.isnan(rolling(random_walk(4), 5)).all()
