"""How far the volatility at a signal stands from its own past."""

from collections.abc import Sequence
from math import isnan

from tests.oracle.settings import Settings


def regime_multiplier(atr: Sequence[float], signal_bar: int, settings: Settings) -> float:
    """Return m = 1 + regime_response * (atr[s] / mean - 1), kept within its limits; 1 without enough history."""
    window = atr[signal_bar - settings.regime_lookback + 1 : signal_bar + 1] if signal_bar + 1 >= settings.regime_lookback else []
    if settings.regime_response == 0 or not window or any(isnan(value) for value in window):
        return 1.0
    total = 0.0
    for value in window:
        total += value
    mean = total / settings.regime_lookback
    if mean == 0:
        return 1.0
    multiplier = 1 + settings.regime_response * (atr[signal_bar] / mean - 1)
    return min(max(multiplier, settings.regime_min_multiplier), settings.regime_max_multiplier)
