"""Drawdowns of many histories at once, as fractions of the highest equity so far: 0 at a high, -0.25 for a quarter lost, never below -1."""

import numpy as np

from walkforward.significance.inputs import Floats


def equity_of(returns: Floats) -> Floats:
    """Return the equity after each day, as a multiple of the start: ``returns`` float64[b, T], simple, per day; they compound.

    A day of -100 % or worse ends a history at 0.
    """
    return np.asarray(np.cumprod(np.maximum(1.0 + returns, 0.0), axis=1), np.float64)


def running_drawdowns(equity: Floats, start: float = 1.0) -> Floats:
    """Return the drawdown on each day, in [-1, 0], of ``equity`` float64[b, T]; ``start`` (> 0) is what each history begins with."""
    highest = np.maximum(np.maximum.accumulate(equity, axis=1), start)
    return np.asarray(np.maximum(equity / highest - 1.0, -1.0))


def max_drawdowns(returns: Floats) -> Floats:
    """Return the deepest drawdown of each history, in [-1, 0], of ``returns`` float64[b, T]."""
    return np.asarray(running_drawdowns(equity_of(returns)).min(axis=1))
