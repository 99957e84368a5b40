"""The lines that a strategy wants drawn with its candles, checked: a user's own strategy may return anything."""

from typing import Any

import numpy as np

from core.candles import Candles
from core.errors import ConfigError
from strategies.base import ChartedIndicators, Indicator, ParamValues, Strategy

MAX_INDICATORS = 12
_MAX_NAME = 60
_PANELS = ("price", "oscillator")


def charted_indicators(strategy: Strategy, candles: Candles, params: ParamValues) -> tuple[Indicator, ...]:
    """Return what ``strategy`` draws with ``candles``, nothing if it declares no ``indicators``; ConfigError for what cannot be drawn."""
    if not isinstance(strategy, ChartedIndicators):
        return ()
    try:
        lines = tuple(strategy.indicators(candles, params))
    except Exception as error:  # a user's own code: it is named instead of ending in a traceback
        raise ConfigError(
            f"strategy {strategy.name}: indicators() fails: {type(error).__name__}: {error}. Correct or remove it."
        ) from error
    if len(lines) > MAX_INDICATORS:
        raise ConfigError(f"strategy {strategy.name} draws {len(lines)} indicators, more than the {MAX_INDICATORS} that a chart shows.")
    for line in lines:
        _require_drawable(strategy.name, line, len(candles))
    names = [line.name for line in lines]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"strategy {strategy.name} draws several indicators called '{twice[0]}': give each a name of its own.")
    return lines


def _require_drawable(strategy: str, line: Any, bars: int) -> None:
    """ConfigError unless ``line`` has a name, a panel and one number per bar."""
    if not isinstance(line, Indicator):
        raise ConfigError(f"strategy {strategy}: indicators() must return Indicator objects, not {type(line).__name__}.")
    name: Any = line.name
    values: Any = line.values
    levels: Any = line.levels
    if not isinstance(name, str) or not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        raise ConfigError(f"strategy {strategy}: an indicator's name must have 1 to {_MAX_NAME} printable characters, not {name!r}.")
    if line.panel not in _PANELS:
        raise ConfigError(f"strategy {strategy}: indicator {name} has the panel {line.panel!r}; use one of {', '.join(_PANELS)}.")
    if not isinstance(values, np.ndarray) or values.dtype != np.float64 or values.shape != (bars,):
        raise ConfigError(f"strategy {strategy}: indicator {name} must be a float64 array with one value for each of {bars:,} bars.")
    if not all(isinstance(level, int | float) and np.isfinite(level) for level in levels):
        raise ConfigError(f"strategy {strategy}: the levels of indicator {name} must be finite numbers, not {levels!r}.")
