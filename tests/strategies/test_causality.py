"""No indicator and no strategy looks ahead; each is found where it is registered, so that a new one cannot be forgotten."""

import inspect
from typing import Any

import numpy as np
import pytest

import strategies.indicators
from config import StrategyConfig
from core.candles import Candles
from core.timeframe import DAY_MS
from strategies import get_strategy, resolve_params, strategy_names
from strategies.audit import audit_strategy, find_leaks
from strategies.audit.causality import Outputs, OutputsOf
from tests.backtest_engine.markets import random_walk

BARS = 420
# around the starts of the periods below, then every few bars to the end
CUTS = (1, 2, 3, 4, 5, 6, 13, 14, 15, 16, 20, 21, 49, 50, 51, *range(55, BARS, 23), BARS - 1)
PERIODS = (1, 2, 5, 14, 50)

# what an indicator's argument of that name is given; a new name has to be taught here
SERIES = {"values": "close", "closes": "close", "highs": "high", "lows": "low", "volumes": "volume", "open_ms": "open_ms"}
NUMBERS: dict[str, tuple[int, ...]] = {"period": PERIODS, "session_ms": (DAY_MS, DAY_MS // 6)}


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(BARS, seed=7, silent_share=0.2)


def indicator(name: str) -> OutputsOf:
    """Return the indicator ``name`` with every of its numbers, as one function of candles."""
    function: Any = getattr(strategies.indicators, name)
    arguments = list(inspect.signature(function.py_func).parameters)
    unknown = [argument for argument in arguments if argument not in SERIES and argument not in NUMBERS]
    assert not unknown, f"{name}: what are {unknown}? Add them to SERIES or NUMBERS."
    numbers = [argument for argument in arguments if argument in NUMBERS]
    assert len(numbers) <= 1, f"{name}: sweep the combinations of {numbers} too"

    def run(candles: Candles) -> Outputs:
        series = [getattr(candles, SERIES[argument]) for argument in arguments if argument in SERIES]
        sweep = NUMBERS[numbers[0]] if numbers else ()
        return {f"{name} of {number}": function(*series, number) for number in sweep} if numbers else {name: function(*series)}

    return run


@pytest.mark.parametrize("name", strategies.indicators.__all__)
def test_indicator_does_not_look_ahead(name: str, candles: Candles) -> None:
    assert find_leaks(indicator(name), candles, CUTS) == []


SETTINGS: dict[tuple[str, str], dict[str, Any]] = {
    ("hybrid_trend", "filters off"): {"enable_trend_filter": False, "enable_rsi_filter": False},
    ("hybrid_trend", "fast and busy"): {
        "ema_fast": 2, "ema_slow": 5, "ema_trend": 9, "rsi_period": 3, "rsi_long_threshold": 70, "rsi_short_threshold": 30,
    },
    ("ema_cross", "fast and busy"): {"atr_period": 3, "params": {"fast": 2, "slow": 5}},
    ("ema_cross", "slow ATR"): {"atr_period": 60, "params": {"fast": 3, "slow": 30}},
    **{(name, "defaults"): {} for name in strategy_names()},
}  # fmt: skip


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_strategy_does_not_look_ahead(name: str, settings: str) -> None:
    strategy = get_strategy(name)
    params = resolve_params(strategy, StrategyConfig(name=name, **SETTINGS[name, settings]))
    assert settings == "defaults" or params != resolve_params(strategy, StrategyConfig(name=name))
    result = audit_strategy(strategy, params, random_walk(3000, seed=11, silent_share=0.1))
    assert result.passed, result.text
    assert result.signals > 0
    assert result.cuts >= 500


def test_an_indicator_that_looks_ahead_is_caught(candles: Candles) -> None:
    def centred(candles: Candles) -> Outputs:
        return {"mean": np.convolve(candles.close, np.ones(3) / 3, mode="same")}

    assert {leak.bar for leak in find_leaks(centred, candles, [100])} == {99}
