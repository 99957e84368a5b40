"""Parameter drift: how far the chosen parameters wander from window to window."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class ParameterDrift:
    """One parameter over all windows, in its own unit: the ``base`` value, and ``min``, ``max``, ``mean``, ``std`` (ddof 1) of the chosen.

    ``std`` is nan with fewer than two windows.
    """

    base: float
    min: float
    max: float
    mean: float
    std: float

    def as_dict(self) -> dict[str, float]:
        """Return the five numbers by name."""
        return asdict(self)


def parameter_drift(base: Mapping[str, float], chosen: Sequence[Mapping[str, float]]) -> dict[str, ParameterDrift]:
    """Return the drift of every searched parameter, in the order of ``base``.

    ``base`` holds the values that the windows started from, ``chosen`` the frozen values of each window, with the same names.
    """
    return {name: _drift(float(value), [float(values[name]) for values in chosen]) for name, value in base.items()}


def _drift(base: float, values: Sequence[float]) -> ParameterDrift:
    if not values:
        return ParameterDrift(base, math.nan, math.nan, math.nan, math.nan)
    std = float(np.std(values, ddof=1)) if len(values) > 1 else math.nan
    return ParameterDrift(base, min(values), max(values), float(np.mean(values)), std)
