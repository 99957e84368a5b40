"""What a strategy may have drawn, and what is refused: a user's own file may return anything."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.candles import Candles
from core.errors import ConfigError
from strategies import Indicator, Signals, charted_indicators, get_strategy
from tests.backtest_engine.markets import random_walk

BARS = 40


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(BARS, seed=1)


class Plain:
    """A strategy without indicators."""

    name, params = "plain", ()

    def warmup(self, params: Any) -> int:
        return 0

    def signals(self, candles: Candles, params: Any) -> Signals:
        nothing = np.zeros(len(candles))
        return Signals(nothing.astype(np.int8), nothing, nothing)


class Drawn(Plain):
    """A strategy that draws whatever it is given."""

    def __init__(self, draw: Callable[[Candles], Any]) -> None:
        self.draw = draw

    def indicators(self, candles: Candles, params: Any) -> Any:
        return self.draw(candles)


def line(name: Any = "mid", panel: Any = "price", values: Any = None, levels: Any = ()) -> Indicator:
    return Indicator(name, panel, np.zeros(BARS) if values is None else values, levels)


def test_a_strategy_without_indicators_draws_nothing(candles: Candles) -> None:
    assert charted_indicators(Plain(), candles, {}) == ()


def test_the_default_strategy_draws_what_it_decides_by(candles: Candles) -> None:
    strategy = get_strategy("hybrid_trend")
    params = {param.name: param.default for param in strategy.params}
    lines = charted_indicators(strategy, candles, params)
    assert [(line.name, line.panel, line.levels) for line in lines] == [
        ("EMA 20", "price", ()), ("EMA 50", "price", ()), ("EMA 200", "price", ()), ("RSI 14", "oscillator", (35.0, 65.0)),
        ("ATR 14", "oscillator", ()),
    ]  # fmt: skip
    off = charted_indicators(strategy, candles, params | {"enable_trend_filter": False, "enable_rsi_filter": False})
    assert [line.name for line in off] == ["EMA 20", "EMA 50", "ATR 14"]


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda candles: [line(str(place)) for place in range(13)], "more than the 12"),
        (lambda candles: [line(), line()], "several indicators called 'mid'"),
        (lambda candles: [candles.close], "must return Indicator objects, not ndarray"),
        (lambda candles: [line("")], "1 to 60 printable"),
        (lambda candles: [line("a\x1b[0m")], "1 to 60 printable"),
        (lambda candles: [line(panel="volume")], "has the panel 'volume'"),
        (lambda candles: [line(values=np.zeros(BARS - 1))], "one value for each of 40 bars"),
        (lambda candles: [line(values=[0.0] * BARS)], "float64 array"),
        (lambda candles: [line(levels=(np.nan,))], "finite numbers"),
        (lambda candles: 1 / 0, r"indicators\(\) fails: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_drawn_is_named(draw: Callable[[Candles], Any], words: str, candles: Candles) -> None:
    with pytest.raises(ConfigError, match=words):
        charted_indicators(Drawn(draw), candles, {})
