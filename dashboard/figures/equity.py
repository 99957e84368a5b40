"""Equity of the baseline, of each search stage, of the walk-forward and of holding, with the drawdowns beneath."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest_engine.metrics import drawdowns
from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, time_axis
from dashboard.figures.curve_lines import LINES, Line
from dashboard.reading.curves import Curve

NO_EQUITY = "No equity yet: the baseline backtest of stage 5 writes the first curve."


def hold_curve(candles: pl.DataFrame, quantity: float, capital: float) -> Curve:
    """Return the equity of buying ``quantity`` at the first open of ``candles`` and holding it, before costs."""
    opened = float(candles["open"][0])
    return Curve(candles["timestamp"].to_numpy(), capital + quantity * (candles["close"].to_numpy() - opened))


def equity_figure(curves: Mapping[str, Curve], span: Span, capital: float, quantity: float) -> Figure:
    """Return the chart of ``curves``, by names of LINES: at most 2000 points a line, no high or low is lost.

    Drawdowns count from the highest point since the curve's beginning, whatever the span.
    """
    if not curves:
        return empty(NO_EQUITY)
    data: list[Trace] = []
    for name, curve in curves.items():
        line, rows = LINES[name], span.rows(curve.times)
        label = f"{line.name} {quantity:g}, before costs" if name == "hold" else line.name
        data.append(_equity_trace(curve.part(rows), line, label))
        data.append(_drawdown_trace(curve.times[rows], drawdowns(curve.equity)[rows], line, label))
    return figure(data, _layout(span, capital, curves), series=list(curves))


def _layout(span: Span, capital: float, curves: Mapping[str, Curve]) -> dict[str, Any]:
    first, last = min(int(curve.times[0]) for curve in curves.values()), max(int(curve.times[-1]) for curve in curves.values())
    bounds = [first if span.start_ms is None else span.start_ms, last if span.end_ms is None else span.end_ms]
    capital_line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "y0": capital, "y1": capital, "layer": "below"}
    return {
        "xaxis": time_axis(range=iso(pl.Series(bounds)), anchor="y2"),
        "yaxis": axis("Equity", side="right", domain=[0.34, 1], tickformat=",.6~g"),
        "yaxis2": axis("Drawdown %", side="right", domain=[0, 0.29], tickformat=".3~g", rangemode="tozero"),
        "hovermode": "x unified",
        "shapes": [capital_line | {"line": {"color": "@line-strong", "width": 1}}],
    }


def _equity_trace(curve: Curve, line: Line, label: str) -> Trace:
    kept = extremes(curve.equity)
    return {
        "type": "scatter", "mode": "lines", "name": label, "legendgroup": label,
        "x": iso(pl.Series(curve.times[kept])), "y": np.round(curve.equity[kept], 2).tolist(),
        "line": {"color": line.color, "dash": line.dash, "width": line.width, "simplify": True}, "hovertemplate": "%{y:,.2f}",
    }  # fmt: skip


def _drawdown_trace(times: NDArray[np.int64], below: NDArray[np.float64], line: Line, label: str) -> Trace:
    kept = extremes(below)
    return {
        "type": "scatter", "mode": "lines", "name": f"{label}: drawdown", "legendgroup": label, "showlegend": False, "yaxis": "y2",
        "x": iso(pl.Series(times[kept])), "y": np.round(below[kept], 4).tolist(),
        "line": {"color": line.color, "dash": line.dash, "width": 1.2}, "hovertemplate": "%{y:.2f} %",
    }  # fmt: skip
