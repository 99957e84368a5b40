"""Equity of the baseline, the optimized settings, the walk-forward and holding, with the drawdowns beneath."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, time_axis
from dashboard.figures.drawdown import drawdown_trace


@dataclass(frozen=True, slots=True)
class Line:
    """How one series is drawn: lines differ by dash as well as by colour."""

    name: str
    color: str
    dash: str
    width: float


LINES = {
    "baseline": Line("Baseline", "@c-blue", "solid", 1.8),
    "optimized": Line("Optimized (in sample)", "@c-orange", "dash", 1.8),
    "walkforward": Line("Walk-forward (out of sample)", "@c-green", "solid", 2.6),
    "hold": Line("Buy & hold", "@muted", "dot", 1.4),
}


def hold_equity(candles: pl.DataFrame, quantity: float, capital: float) -> pl.DataFrame:
    """Return time, equity and drawdown_pct of buying ``quantity`` at the first open and holding it, before costs."""
    equity = capital + quantity * (candles["close"].to_numpy() - float(candles["open"][0]))
    peak = np.maximum.accumulate(np.maximum(equity, capital))
    return pl.DataFrame({"time": candles["timestamp"], "equity": equity, "drawdown_pct": (equity / peak - 1) * 100})


def equity_figure(series: dict[str, pl.DataFrame], span: Span, capital: float, quantity: float) -> Figure:
    """Return the chart of ``series``: names of LINES to frames with time (UTC ms), equity (quote) and drawdown_pct (<= 0).

    At most 2000 points a line, no high or low is lost.
    """
    if not series:
        return empty("No equity yet: the baseline backtest of stage 5 writes the first curve.")
    data: list[Trace] = []
    for name, frame in series.items():
        line, inside = LINES[name], span.of(frame, "time")
        label = f"{line.name} {quantity:g}, before costs" if name == "hold" else line.name
        data.append(_equity_trace(inside, line, label))
        data.append(drawdown_trace(inside, line.color, line.dash, label))
    return figure(data, _layout(span, capital, series), series=list(series))


def _layout(span: Span, capital: float, series: dict[str, pl.DataFrame]) -> dict[str, Any]:
    first, last = min(int(f["time"][0]) for f in series.values()), max(int(f["time"][-1]) for f in series.values())
    bounds = [first if span.start_ms is None else span.start_ms, last if span.end_ms is None else span.end_ms]
    capital_line = {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": capital,
        "y1": capital,
        "line": {"color": "@line-strong", "width": 1},
    }
    return {
        "xaxis": time_axis(range=iso(pl.Series(bounds)), anchor="y2"),
        "yaxis": axis("Equity", side="right", domain=[0.34, 1], tickformat=",.6~g"),
        "yaxis2": axis("Drawdown %", side="right", domain=[0, 0.29], tickformat=".3~g", rangemode="tozero"),
        "hovermode": "x unified",
        "shapes": [capital_line | {"layer": "below"}],
    }


def _equity_trace(frame: pl.DataFrame, line: Line, label: str) -> Trace:
    kept = frame[extremes(frame["equity"].to_numpy())]
    return {
        "type": "scatter", "mode": "lines", "name": label, "legendgroup": label,
        "x": iso(kept["time"]), "y": kept["equity"].round(2).to_list(),
        "line": {"color": line.color, "dash": line.dash, "width": line.width, "simplify": True}, "hovertemplate": "%{y:,.2f}",
    }  # fmt: skip
