"""The report's charts as plain Plotly figures: data and layout, no library needed to build them, no colours of the page in them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from core.clock import utc_from_ms
from reporting.checkpoints import MarketReport
from reporting.decimation import MAX_POINTS, decimate
from reporting.surroundings import map_figures
from reporting.times import iso_utc

Figure = dict[str, Any]

BLUE, ORANGE, GREEN, RED, GREY = "#3b82f6", "#f59e0b", "#10b981", "#ef4444", "#9ca3af"


def market_figures(market: MarketReport, points: int = MAX_POINTS) -> dict[str, Figure]:
    """Return the market's figures by name: equity, drawdown, windows and, where there are any, drift and the winners' heat maps.

    A line over time has at most ``points``.
    """
    figures = {
        "equity": _over_time(market, "equity", "Equity (quote)", points),
        "drawdown": _over_time(market, "drawdown_pct", "Drawdown (%)", points),
        "windows": window_figure(market.walkforward["windows"]),
    }
    if market.walkforward["drift"]:
        figures["drift"] = drift_figure(market.walkforward)
    return figures | map_figures(market.optimization)


def _over_time(market: MarketReport, column: str, title: str, points: int) -> Figure:
    series = [
        _line("Baseline (all candles)", market.baseline_equity, column, GREY, points),
        _line("Optimized (in-sample, all candles)", market.best_equity, column, BLUE, points, dash="dot"),
        _line("Walk-forward (out of sample, stitched)", market.oos_equity, column, ORANGE, points),
    ]
    return {"data": series, "layout": {"yaxis": {"title": {"text": title}}, "hovermode": "x unified"}}


def _line(name: str, frame: pl.DataFrame, column: str, colour: str, points: int, dash: str = "solid") -> Figure:
    values = frame[column].to_numpy()
    kept = decimate(np.asarray(values, np.float64), points)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [iso_utc(ms) for ms in frame["time"].to_numpy()[kept].tolist()],
        "y": [round(value, 4) for value in values[kept].tolist()],
        "line": {"color": colour, "width": 1.6, "dash": dash},
    }


def window_figure(windows: Sequence[Mapping[str, Any]]) -> Figure:
    """Return bars of each window's out-of-sample net P&L: profits green, losses red, windows not scored grey; the median trial as dots."""
    labels = [window_label(window) for window in windows]
    profits = [window["oos_metrics"].get("net_pnl") for window in windows]
    colours = [_colour(window, profit) for window, profit in zip(windows, profits, strict=True)]
    medians = [_median_profit(window) for window in windows]
    return {
        "data": [
            {"type": "bar", "name": "Chosen parameters", "x": labels, "y": profits, "marker": {"color": colours}},
            {
                "type": "scatter", "mode": "markers", "name": "Median trial", "x": labels, "y": medians,
                "marker": {"color": BLUE, "size": 9, "symbol": "diamond-open"},
            },
        ],
        "layout": {"yaxis": {"title": {"text": "Out-of-sample net P&L (quote)"}}, "xaxis": {"type": "category"}},
    }  # fmt: skip


def window_label(window: Mapping[str, Any]) -> str:
    """Return the window's number and first out-of-sample day."""
    return f"{window['index']}: {utc_from_ms(window['oos_start_ms']):%Y-%m-%d}"


def _colour(window: Mapping[str, Any], profit: float | None) -> str:
    if not window["scored"] or profit is None:
        return GREY
    return GREEN if profit > 0 else RED


def _median_profit(window: Mapping[str, Any]) -> float | None:
    median = window["median_trial"]
    profit: float | None = None if median is None else median["oos_metrics"].get("net_pnl")
    return profit


def drift_figure(walkforward: Mapping[str, Any]) -> Figure:
    """Return a map of parameters by windows: the colour is the chosen value over its base (1 = the base value), the text the value."""
    windows, names = walkforward["windows"], list(walkforward["drift"])
    chosen = [[window["params"].get(name) for window in windows] for name in names]
    bases = [walkforward["drift"][name]["base"] for name in names]
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [window_label(window) for window in windows],
                "y": names,
                "z": [[_share(value, base) for value in row] for row, base in zip(chosen, bases, strict=True)],
                "text": [["n/a" if value is None else f"{value:.4g}" for value in row] for row in chosen],
                "texttemplate": "%{text}",
                "colorscale": [[0, BLUE], [0.5, "#e5e7eb"], [1, ORANGE]],
                "zmin": 0.5,
                "zmax": 1.5,
                "colorbar": {"title": {"text": "of base"}, "tickformat": ".0%"},
                "hovertemplate": "%{y}, window %{x}: %{text} (%{z:.0%} of base)<extra></extra>",
            }
        ],
        "layout": {"xaxis": {"type": "category"}, "yaxis": {"autorange": "reversed"}, "height": 120 + 26 * len(names)},
    }


def _share(value: float | None, base: float | None) -> float | None:
    return None if value is None or not base else round(value / base, 6)
