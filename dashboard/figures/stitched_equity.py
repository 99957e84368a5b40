"""Equity of all tested days as one account, window after window, with the drawdown beneath."""

from typing import Any

import polars as pl

from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, iso_one, time_axis
from dashboard.figures.drawdown import drawdown_trace

# Above so many windows in view their borders would be all that is seen.
_MOST_BANDS, _MOST_LABELS = 120, 30


def stitched_figure(equity: pl.DataFrame | None, span: Span, capital: float | None) -> Figure:
    """Return the chart of oos_equity.parquet (time UTC ms, equity in quote, drawdown_pct <= 0, window); at most 2000 points a line."""
    if equity is None or equity.is_empty():
        return empty("No tested days yet: stage 8 puts the days of all windows together once it is done.")
    inside = span.of(equity, "time")
    bands = _bands(inside)
    kept = inside[extremes(inside["equity"].to_numpy())]
    line: Trace = {
        "type": "scatter", "mode": "lines", "name": "Out of sample, all windows", "legendgroup": "oos", "x": iso(kept["time"]),
        "y": kept["equity"].round(2).to_list(), "line": {"color": "@c-green", "width": 2.2, "simplify": True},
        "customdata": kept["window"].to_list(), "hovertemplate": "%{y:,.2f}, window %{customdata}",
    }  # fmt: skip
    data = [line, drawdown_trace(inside, "@c-green", "solid", "Out of sample, all windows") | {"legendgroup": "oos"}]
    return figure(data, _layout(inside, span, bands, capital), windows=len(bands), points=len(inside))


def _bands(inside: pl.DataFrame) -> list[tuple[int, int, int]]:
    """Return window, first and last time of each window in view, in order of time."""
    grouped = inside.group_by("window", maintain_order=True).agg(pl.col("time").min().alias("first"), pl.col("time").max().alias("last"))
    return [(int(window), int(first), int(last)) for window, first, last in grouped.iter_rows()]


def _layout(inside: pl.DataFrame, span: Span, bands: list[tuple[int, int, int]], capital: float | None) -> dict[str, Any]:
    first, last = int(inside["time"][0]), int(inside["time"][-1])
    shown = bands if len(bands) <= _MOST_BANDS else []
    start = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y", "line": {"color": "@line-strong", "width": 1}}
    return {
        "xaxis": time_axis(
            range=[iso_one(first if span.start_ms is None else span.start_ms), iso_one(last if span.end_ms is None else span.end_ms)],
            anchor="y2",
        ),
        "yaxis": axis("Equity", side="right", domain=[0.34, 1], tickformat=",.6~g"),
        "yaxis2": axis("Drawdown %", side="right", domain=[0, 0.29], tickformat=".3~g", rangemode="tozero"),
        "hovermode": "x unified",
        "shapes": [_band(each) for each in shown[1::2]] + ([] if capital is None else [start | {"y0": capital, "y1": capital}]),
        "annotations": [_name(each) for each in shown] if len(shown) <= _MOST_LABELS else [],
    }


def _band(band: tuple[int, int, int]) -> dict[str, Any]:
    """Return the ground of every second window, so that borders are seen."""
    _, first, last = band
    place = {"type": "rect", "x0": iso_one(first), "x1": iso_one(last), "yref": "paper", "y0": 0, "y1": 1}
    return place | {"fillcolor": "@raised", "line": {"width": 0}, "layer": "below"}


def _name(band: tuple[int, int, int]) -> dict[str, Any]:
    window, first, last = band
    place = {"x": iso_one((first + last) // 2), "yref": "paper", "y": 1, "yanchor": "top"}
    return {"text": f"W{window}", "showarrow": False, "font": {"size": 10, "color": "@muted"}} | place
