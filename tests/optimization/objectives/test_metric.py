"""Objectives read one metric each, and call undefined what is undefined."""

import math

import pytest

from backtest_engine import Metrics
from config import OptimizationConfig
from config.objectives import OBJECTIVES
from core.errors import ConfigError
from optimization.objectives import OBJECTIVE_METRICS, objective_value


def test_every_objective_of_the_settings_names_a_metric() -> None:
    assert set(OBJECTIVE_METRICS) == set(OBJECTIVES)
    assert set(OBJECTIVE_METRICS.values()) <= set(Metrics.names())


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_objective_is_the_metric_of_that_name(objective: str) -> None:
    values = {name: float(position) for position, name in enumerate(OBJECTIVE_METRICS.values())}
    assert objective_value(values, objective) == values[OBJECTIVE_METRICS[objective]]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_undefined(value: float) -> None:
    assert math.isnan(objective_value({"sharpe_ratio": value}, "sharpe"))


def test_unknown_objective_is_a_wrong_setting() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'sharpe'"):
        OptimizationConfig(objective="sharp")
