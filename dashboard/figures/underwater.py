"""How far one account was below its highest point, with its deepest drawdowns listed and numbered."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from backtest_engine.metrics import drawdowns
from dashboard.decimation import Span, extremes
from dashboard.figures.base import Figure, axis, empty, figure, iso, iso_one, time_axis
from dashboard.figures.curve_lines import LINES
from dashboard.reading.curves import Curve
from reporting.performance import Drawdown
from reporting.performance.drawdowns import deepest_drawdowns

LISTED = 10
_NUMBERED = 5  # more would be written over each other
_COLUMNS = (
    {"title": "#", "kind": "number", "digits": 0}, {"title": "Depth %", "kind": "number", "digits": 2},
    {"title": "Depth", "kind": "number", "digits": 2}, {"title": "Peak", "kind": "day"}, {"title": "Lowest", "kind": "day"},
    {"title": "Recovered", "kind": "day", "missing": "not yet"}, {"title": "Days", "kind": "number", "digits": 1},
)  # fmt: skip


def underwater_figure(curve: Curve | None, name: str, span: Span) -> Figure:
    """Return the chart of one curve of LINES; ``meta.table`` lists its ten deepest drawdowns, those of the whole curve."""
    if curve is None:
        return empty(f"No curve of {LINES[name].name.lower()} yet, or this run kept none.")
    line, rows = LINES[name], span.rows(curve.times)
    below = drawdowns(curve.equity)[rows]
    kept = extremes(below)
    trace = {
        "type": "scatter", "mode": "lines", "name": line.name, "fill": "tozeroy", "fillcolor": "@loss-soft", "showlegend": False,
        "x": iso(pl.Series(curve.times[rows][kept])), "y": np.round(below[kept], 4).tolist(),
        "line": {"color": "@loss", "width": 1.2}, "hovertemplate": "%{y:.2f} %<br>%{x|%Y-%m-%d %H:%M}<extra></extra>",
    }  # fmt: skip
    found = deepest_drawdowns(curve.times, curve.equity, LISTED)
    start = int(curve.times[0]) if span.start_ms is None else span.start_ms
    end = int(curve.times[-1]) if span.end_ms is None else span.end_ms
    layout = {
        "xaxis": time_axis(range=[iso_one(start), iso_one(end)]),
        "yaxis": axis("Below the peak, %", side="right", tickformat=".3~g", rangemode="tozero"),
        "annotations": _numbers(found[:_NUMBERED]),
    }
    return figure([trace], layout, table={"columns": list(_COLUMNS), "rows": [_row(rank, each) for rank, each in enumerate(found, 1)]})


def _numbers(found: Sequence[Drawdown]) -> list[dict[str, Any]]:
    """Return the rank of each drawdown, at its lowest point."""
    look = {"showarrow": False, "yanchor": "top", "font": {"size": 11, "color": "@ink"}}
    return [look | {"x": iso_one(each.trough_ms), "y": each.depth, "text": str(rank)} for rank, each in enumerate(found, 1)]


def _row(rank: int, each: Drawdown) -> list[float | int | None]:
    return [rank, each.depth, each.depth_quote, each.start_ms, each.trough_ms, each.recovery_ms, each.days]
