"""The Sharpe ratio of the last so many days, day by day: whether an edge was there all along or in one good stretch."""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.metrics import day_ends, returns_from
from dashboard.decimation import extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, time_axis
from dashboard.figures.curve_lines import LINES
from dashboard.figures.equity import NO_EQUITY
from dashboard.reading.curves import Curve

Floats = NDArray[np.float64]


def rolling_sharpe(returns: Floats, days: int, days_per_year: float, risk_free: float) -> Floats:
    """Return mean(r - rf) / std(r, ddof=1) * sqrt(days_per_year) of every ``days`` (>= 2) returns in a row, float64[D - days + 1].

    ``returns`` is float64[D], ``risk_free`` per day; nan where the returns do not vary.
    """
    if len(returns) < days:
        return np.empty(0)
    windows = np.lib.stride_tricks.sliding_window_view(returns, days)
    mean, deviation = windows.mean(axis=1) - risk_free, windows.std(axis=1, ddof=1)
    varies = deviation > 1e-14 * np.abs(windows).max(axis=1)
    return np.where(varies, mean / np.where(varies, deviation, 1.0) * math.sqrt(days_per_year), np.nan)


def rolling_figure(curves: Mapping[str, Curve], days: int, days_per_year: float, risk_free_rate: float) -> Figure:
    """Return the chart of ``curves``, by names of LINES; ``risk_free_rate`` is an annual fraction. A lost account has no line."""
    if not curves:
        return empty(NO_EQUITY)
    found = {name: rolling_curve(curve, days, days_per_year, risk_free_rate) for name, curve in curves.items()}
    data = [_trace(name, times, values) for name, (times, values) in found.items() if len(values)]
    if not data:
        return empty(f"There are not {days} days with bars yet: choose a shorter stretch.")
    zero = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 0,
        "y1": 0,
        "line": {"color": "@line-strong", "width": 1},
        "layer": "below",
    }
    layout = {
        "xaxis": time_axis(),
        "yaxis": axis(f"Sharpe of {days} days", side="right", tickformat=".2~f", fixedrange=False),
        "hovermode": "x unified",
        "shapes": [zero | {"line": {"color": "@line-strong", "width": 1}}],
    }
    return figure(data, layout, days=days)


def rolling_curve(curve: Curve, days: int, days_per_year: float, risk_free_rate: float) -> tuple[NDArray[np.int64], Floats]:
    """Return the days (UTC ms) on which a stretch of ``days`` ends and its ratio; none of a lost account or of one too short."""
    if (curve.equity <= 0.0).any():
        return np.empty(0, np.int64), np.empty(0)
    days_begin, last = day_ends(curve.times)
    returns = returns_from(float(curve.equity[0]), curve.equity[last])
    return days_begin[days - 1 :], rolling_sharpe(returns, days, days_per_year, risk_free_rate / days_per_year)


def _trace(name: str, times: NDArray[np.int64], values: Floats) -> Trace:
    line, kept = LINES[name], extremes(values)
    return {
        "type": "scatter", "mode": "lines", "name": line.name, "x": iso(pl.Series(times[kept])),
        "y": [None if math.isnan(value) else round(value, 4) for value in values[kept].tolist()], "connectgaps": False,
        "line": {"color": line.color, "dash": line.dash, "width": line.width}, "hovertemplate": "%{y:.2f}",
    }  # fmt: skip
