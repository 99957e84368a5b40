"""The EMA cross against plain Python, its own laws, and the audit."""

import numpy as np
import pytest

from config import StrategyConfig
from core.candles import Candles
from core.errors import ConfigError
from strategies import get_strategy, resolve_params
from strategies.audit import audit_strategy
from tests.backtest_engine.markets import flat, random_walk
from tests.oracle.indicators import ema

CROSS = get_strategy("ema_cross")
DEFAULTS = {param.name: param.default for param in CROSS.params}


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(900, seed=11)


@pytest.mark.parametrize(("fast", "slow", "atr_period"), [(2, 3, 1), (5, 12, 14), (20, 50, 14), (3, 9, 40)])
def test_it_signals_where_plain_python_sees_the_averages_cross(fast: int, slow: int, atr_period: int, candles: Candles) -> None:
    params = DEFAULTS | {"fast": fast, "slow": slow, "atr_period": atr_period}
    closes = candles.close.tolist()
    quick, lazy = ema(closes, fast), ema(closes, slow)
    begin = max(slow - 1, atr_period) + 1
    expected = [0] * len(closes)
    for t in range(begin, len(closes)):
        if quick[t] > lazy[t] and not quick[t - 1] > lazy[t - 1]:
            expected[t] = 1
        if quick[t] < lazy[t] and not quick[t - 1] < lazy[t - 1]:
            expected[t] = -1
    signals = CROSS.signals(candles, params)
    assert signals.direction.tolist() == expected
    assert {1, -1} <= set(expected)
    np.testing.assert_allclose(signals.touch_level[fast - 1 :], quick[fast - 1 :], rtol=1e-12)


def test_it_is_the_default_strategy_without_filters(candles: Candles) -> None:
    plain = get_strategy("hybrid_trend")
    bare = {param.name: param.default for param in plain.params} | {"enable_trend_filter": False, "enable_rsi_filter": False}
    np.testing.assert_array_equal(CROSS.signals(candles, DEFAULTS).direction, plain.signals(candles, bare).direction)


def test_longs_and_shorts_take_turns(candles: Candles) -> None:
    said = CROSS.signals(candles, DEFAULTS).direction
    said = said[said != 0]
    assert len(said) > 10
    assert (said[1:] == -said[:-1]).all()


def test_prices_that_stand_still_never_cross() -> None:
    assert not CROSS.signals(flat([100.0] * 200), DEFAULTS).direction.any()


def test_the_fast_period_must_be_the_smaller_one() -> None:
    for fast, slow in ((50, 50), (60, 50)):
        with pytest.raises(ConfigError, match=f"fast = {fast} must be below slow = {slow}"):
            resolve_params(CROSS, StrategyConfig(name="ema_cross", params={"fast": fast, "slow": slow}))


def test_it_does_not_look_ahead(candles: Candles) -> None:
    result = audit_strategy(CROSS, DEFAULTS, candles, cuts=200)
    assert result.passed, result.text
    assert result.signals > 10
