"""Strategies are found by name or by file, and their parameters are checked before anything runs."""

import hashlib
from pathlib import Path

import pytest

from config import StrategyConfig
from core.errors import ConfigError
from strategies import Param, get_strategy, resolve_params, strategy_digest, strategy_label, strategy_names, with_params

SOURCE = '''"""A strategy of a user."""
import numpy as np
from strategies import Param, Signals


class Every:
    """Long at every n-th bar."""

    name = "every"
    params = (
        Param("n", "int", 10, 2, 500, stage="7.1"),
        Param("width", "float", 1.0, 0.1, 9.0),
        Param("on", "bool", True),
        Param("atr_period", "int", 14, 1, 5000),
    )

    def warmup(self, params):
        return 0

    def signals(self, candles, params):
        direction = np.zeros(len(candles), np.int8)
        if params["on"]:
            direction[params["n"] :: params["n"]] = 1
        return Signals(direction, candles.close, params["width"] * candles.close / 100)


STRATEGY = Every()
'''


@pytest.fixture
def strategy_file(tmp_path: Path) -> Path:
    path = tmp_path / "every.py"
    path.write_text(SOURCE)
    return path


def test_the_default_strategy_is_registered() -> None:
    assert "hybrid_trend" in strategy_names()
    assert strategy_names() == sorted(strategy_names())
    assert get_strategy("hybrid_trend") is get_strategy(StrategyConfig().name)


@pytest.mark.parametrize("name", ["hybrid_trand", "Hybrid_Trend", "hybridtrend"])
def test_an_unknown_name_offers_the_nearest(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"strategy '{name}' is not known. Did you mean 'hybrid_trend'\?"):
        get_strategy(name)


def test_a_name_like_no_other_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"Known: .*hybrid_trend"):
        get_strategy("xyz")


def test_a_file_of_a_user_is_a_strategy(strategy_file: Path) -> None:
    strategy = get_strategy(str(strategy_file))
    assert strategy.name == "every"
    assert [param.name for param in strategy.params] == ["n", "width", "on", "atr_period"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot read the strategy file .*nowhere\.py: No such file"):
        get_strategy(str(tmp_path / "nowhere.py"))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("raise RuntimeError('out of luck')", "fails when it is loaded: RuntimeError: out of luck"),
        ("def f(:", "fails when it is loaded: SyntaxError"),
        ("import no_such_library", "fails when it is loaded: ModuleNotFoundError"),
        ("x = 1", "missing: name, params, warmup, signals"),
        ("class S:\n    name = 's'\n    params = ()\nSTRATEGY = S()", "missing: warmup, signals"),
    ],
)
def test_a_file_that_is_no_strategy_says_what_is_wrong(source: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source)
    with pytest.raises(ConfigError, match=message) as caught:
        get_strategy(str(path))
    assert str(path) in str(caught.value)


def test_digest_and_label_of_a_file_do_not_tell_where_it_lies(strategy_file: Path) -> None:
    assert strategy_digest(str(strategy_file)) == hashlib.sha256(SOURCE.encode()).hexdigest()
    assert strategy_label(str(strategy_file)) == "every.py"
    assert strategy_digest("hybrid_trend") == strategy_label("hybrid_trend") == "hybrid_trend"
    with pytest.raises(ConfigError, match="cannot read"):
        strategy_digest(str(strategy_file.with_name("gone.py")))


def test_parameters_come_from_params_then_the_setting_then_the_default(strategy_file: Path) -> None:
    strategy = get_strategy(str(strategy_file))
    config = StrategyConfig(name=str(strategy_file), params={"n": 25}, atr_period=21)
    assert resolve_params(strategy, config) == {"n": 25, "width": 1.0, "on": True, "atr_period": 21}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"n": 1}, "n = 1 is not allowed: must be a whole number from 2 to 500"),
        ({"n": 501}, "n = 501 is not allowed"),
        ({"n": 10.5}, "n = 10.5 is not allowed: must be a whole number"),
        ({"n": True}, "n = True is not allowed"),
        ({"width": 9.5}, "width = 9.5 is not allowed: must be a number from 0.1 to 9"),
        ({"on": 1}, "on = 1 is not allowed: must be true or false"),
        ({"widht": 2.0}, r"params\.widht: strategy every has no such parameter. Did you mean 'width'\?"),
        ({"atr_period": 20}, r"params\.atr_period: atr_period is a setting of its own"),
    ],
)
def test_a_wrong_parameter_names_itself_its_value_and_its_range(params: dict[str, float], message: str, strategy_file: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        resolve_params(get_strategy(str(strategy_file)), StrategyConfig(name=str(strategy_file), params=params))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ConfigError, match=r"width = (nan|inf) is not allowed"):
        Param("width", "float", 1.0, 0.1, 9.0).check(value)


def test_values_go_into_the_setting_of_their_name_else_into_params() -> None:
    config = with_params(StrategyConfig(params={"a": 1}), {"ema_fast": 7, "b": 2.5})
    assert config.ema_fast == 7
    assert config.params == {"a": 1, "b": 2.5}
    assert with_params(config, {}) == config
