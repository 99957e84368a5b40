"""Indicators equal TA-Lib's within 1e-9 wherever both are defined."""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from strategies.indicators import atr, ema, rsi
from tests.conftest import missing

Floats = NDArray[np.float64]
Prices = dict[str, Floats]

SERIES = ("BINANCE_BTCUSDT_1h", "BINANCE_ETHUSDT_15m", "rising", "falling", "constant")
PERIODS = (2, 3, 5, 14, 50, 200)

# ours and TA-Lib's, as functions of prices and period
COMPARISONS: dict[str, tuple[Callable[[Prices, int], Floats], Callable[[Any, Prices, int], Floats]]] = {
    "ema": (lambda p, n: ema(p["close"], n), lambda talib, p, n: talib.EMA(p["close"], n)),
    "rsi": (lambda p, n: rsi(p["close"], n), lambda talib, p, n: talib.RSI(p["close"], n)),
    "atr": (
        lambda p, n: atr(p["high"], p["low"], p["close"], n),
        lambda talib, p, n: talib.ATR(p["high"], p["low"], p["close"], n),
    ),
}


@pytest.fixture(scope="module")
def talib() -> Any:
    try:
        return import_module("talib")
    except ImportError:
        missing("no TA-Lib: pip install TA-Lib")


@pytest.fixture(params=SERIES)
def prices(request: pytest.FixtureRequest, shared_data: Path) -> Prices:
    steps = np.arange(600.0)
    made_up = {"rising": 100.0 + steps, "falling": 1000.0 - steps, "constant": np.full(600, 250.0)}
    if request.param in made_up:
        close = made_up[request.param]
        return {"high": close, "low": close, "close": close}
    return real_prices(shared_data / "candles" / f"{request.param}.parquet")


@cache
def real_prices(path: Path) -> Prices:
    frame = pl.read_parquet(path, columns=["high", "low", "close"]).tail(20_000)
    return {name: np.ascontiguousarray(frame[name].to_numpy()) for name in frame.columns}


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("name", COMPARISONS)
def test_indicator_equals_talib(name: str, period: int, prices: Prices, talib: Any) -> None:
    ours, theirs = COMPARISONS[name][0](prices, period), COMPARISONS[name][1](talib, prices, period)
    assert ours.dtype == np.float64
    assert len(ours) == len(theirs)
    np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs), err_msg="defined from the same bar on")
    if name == "rsi" and np.ptp(prices["close"]) == 0.0:
        assert set(ours[period:]) == {50.0}, "without movement neither side has the upper hand"
        assert set(theirs[period:]) == {0.0}, "the one documented difference"
        return
    # an average that is 0 in truth is left of 0 by rounding only
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * np.nanmax(np.abs(theirs)) * 1e-3)


@pytest.mark.parametrize("name", COMPARISONS)
def test_too_few_bars_are_all_nan(name: str) -> None:
    needed = {"ema": 14, "rsi": 15, "atr": 15}[name]
    for bars in (1, 2, needed - 1, needed):
        close = np.linspace(100.0, 120.0, bars)
        found = COMPARISONS[name][0]({"high": close, "low": close, "close": close}, 14)
        assert len(found) == bars
        assert np.isnan(found).all() == (bars < needed)


def test_period_one_follows_the_prices() -> None:
    close = np.array([10.0, 12.0, 11.0, 15.0])
    high, low = close + 1.0, close - 1.0
    np.testing.assert_array_equal(ema(close, 1), close)
    np.testing.assert_array_equal(rsi(close, 1)[1:], [100.0, 0.0, 100.0])
    # the true range reaches back to the close before: 13 - 10, |10 - 12|, 16 - 11
    np.testing.assert_array_equal(atr(high, low, close, 1)[1:], [3.0, 2.0, 5.0])


def test_indicators_by_hand() -> None:
    close = np.array([1.0, 2.0, 3.0, 7.0, 5.0])
    # seed (1 + 2 + 3) / 3 = 2, then k = 2 / 4: 2 + (7 - 2) / 2 = 4.5, 4.5 + (5 - 4.5) / 2 = 4.75
    np.testing.assert_array_equal(ema(close, 3), [np.nan, np.nan, 2.0, 4.5, 4.75])
    # gains 1, 1, 4, 0 and losses 0, 0, 0, 2 over two bars: 1 / 0, 2.5 / 0, 1.25 / 1
    np.testing.assert_allclose(rsi(close, 2), [np.nan, np.nan, 100.0, 100.0, 100 * 1.25 / 2.25], rtol=1e-15)
