"""No indicator and no strategy looks ahead; each is found where it is registered, so that a new one cannot be forgotten."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import strategies.indicators
from config import StrategyConfig
from core.candles import Candles
from core.timeframe import DAY_MS
from strategies import Signals, get_strategy, resolve_params, strategy_names
from tests.backtest_engine.markets import random_walk
from tests.strategies.leaks import Arrays, leaks

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


def indicator(name: str) -> Callable[[Candles], Arrays]:
    """Return the indicator ``name`` with every of its numbers, as one function of candles."""
    function: Any = getattr(strategies.indicators, name)
    arguments = list(inspect.signature(function.py_func).parameters)
    unknown = [argument for argument in arguments if argument not in SERIES and argument not in NUMBERS]
    assert not unknown, f"{name}: what are {unknown}? Add them to SERIES or NUMBERS."
    numbers = [argument for argument in arguments if argument in NUMBERS]
    assert len(numbers) <= 1, f"{name}: sweep the combinations of {numbers} too"

    def run(candles: Candles) -> Arrays:
        series = [getattr(candles, SERIES[argument]) for argument in arguments if argument in SERIES]
        return [function(*series, number) for number in NUMBERS[numbers[0]]] if numbers else [function(*series)]

    return run


def strategy(name: str, config: StrategyConfig) -> Callable[[Candles], Arrays]:
    found = get_strategy(name)
    params = resolve_params(found, config)

    def run(candles: Candles) -> Arrays:
        return arrays_of(found.signals(candles, params))

    return run


def arrays_of(signals: Signals) -> Arrays:
    return [signals.direction, signals.touch_level, signals.atr]


@pytest.mark.parametrize("name", strategies.indicators.__all__)
def test_indicator_does_not_look_ahead(name: str, candles: Candles) -> None:
    assert leaks(indicator(name), candles, CUTS) == []


SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "filters off": {"enable_trend_filter": False, "enable_rsi_filter": False},
    "fast and busy": {"ema_fast": 2, "ema_slow": 5, "ema_trend": 9, "rsi_period": 3, "rsi_long_threshold": 70, "rsi_short_threshold": 30},
}


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("name", strategy_names())
def test_strategy_does_not_look_ahead(name: str, settings: str, candles: Candles) -> None:
    config = StrategyConfig(name=name, **SETTINGS[settings])
    assert leaks(strategy(name, config), candles, CUTS) == []


def test_the_sweep_sees_signals(candles: Candles) -> None:
    signals = strategy("hybrid_trend", StrategyConfig(**SETTINGS["fast and busy"]))(candles)
    assert np.count_nonzero(signals[0]) > 10


# The sweep itself: each of these looks ahead, and is caught.


LEAKS: dict[str, Callable[[Candles], Arrays]] = {
    "at the next close": lambda candles: [np.append(candles.close[1:], candles.close[-1])],
    "at the mean of the whole series": lambda candles: [candles.close - candles.close.mean()],
    "at the highest price to come": lambda candles: [np.maximum.accumulate(candles.high[::-1])[::-1].copy()],
    "through a centred window": lambda candles: [np.convolve(candles.close, np.ones(3) / 3, mode="same")],
    "at the number of bars": lambda candles: [np.arange(len(candles)) / len(candles)],
    "at the volume to come": lambda candles: [np.append(candles.volume[3:], [0.0, 0.0, 0.0])],
    "at the last bit only": lambda candles: [np.nextafter(candles.close, candles.close[-1])],
}


@pytest.mark.parametrize("where", LEAKS)
def test_a_leak_is_caught(where: str, candles: Candles) -> None:
    assert leaks(LEAKS[where], candles, CUTS)


def test_a_leaking_strategy_is_caught(candles: Candles) -> None:
    honest = strategy("hybrid_trend", StrategyConfig(**SETTINGS["fast and busy"]))

    def a_bar_early(candles: Candles) -> Arrays:
        direction, touch, atr = honest(candles)
        return [np.append(direction[1:], np.zeros(1, np.int8)), touch, atr]

    assert leaks(a_bar_early, candles, CUTS)
