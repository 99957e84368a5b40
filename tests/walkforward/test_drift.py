"""Parameter drift by hand."""

import math

import pytest

from walkforward.drift import parameter_drift


def test_drift_by_hand() -> None:
    drift = parameter_drift({"ema_fast": 20, "stop": 1.5}, [{"ema_fast": 18, "stop": 1.5}, {"ema_fast": 22, "stop": 1.5}])
    assert list(drift) == ["ema_fast", "stop"]
    assert drift["ema_fast"].as_dict() == {"base": 20.0, "min": 18.0, "max": 22.0, "mean": 20.0, "std": pytest.approx(math.sqrt(8))}
    assert drift["stop"].std == 0.0


def test_one_window_has_no_spread() -> None:
    assert math.isnan(parameter_drift({"a": 1}, [{"a": 3}])["a"].std)
