"""Slices: the score against each parameter by itself, with the median of the trials at every value."""

from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, empty, figure, plain_text
from dashboard.figures.subplots import Cell, Grid
from dashboard.figures.trial_points import MOST_POINTS, left_out, params_of, points, thinned, told_briefly
from dashboard.formatting import compact, words
from reporting.trial_tables import PARAM

_STEPS = 24


def slices_figure(trials: pl.DataFrame, objective: str, columns: int) -> Figure:
    """Return a small plot for each searched parameter: complete trials as points, the median by value as a line, the best as a star."""
    complete = trials.filter(pl.col("value").is_not_null())
    names = [name for name in params_of(complete) if complete[PARAM + name].n_unique() > 1]
    if not names:
        return empty("No trial is complete yet, or all have the same parameters: there is nothing to lay side by side.")
    grid = Grid(len(names), columns)
    drawn = thinned(complete, max(300, MOST_POINTS // len(names)))
    best = complete.row(int(complete["value"].arg_max() or 0), named=True)
    data, layout = list[Trace](), dict[str, Any]()
    for cell, name in zip(grid.cells(), names, strict=True):
        data += _slice(complete, drawn, best, name, cell)
        layout |= cell.axes({}, {"tickformat": ".3~g", "nticks": 5})
    layout |= grid.layout() | {"annotations": [cell.title(name) for cell, name in zip(grid.cells(), names, strict=True)]}
    left = left_out(len(drawn), len(complete), "complete trials")
    note = f"Upright: {words(objective).lower()}. {left} Squares: the median of all complete trials at a value; star: the best trial."
    return figure(data, layout, note=note.replace("  ", " "), drawn=len(drawn), trials=len(complete))


def _slice(complete: pl.DataFrame, drawn: pl.DataFrame, best: dict[str, Any], name: str, cell: Cell) -> list[Trace]:
    first, at = cell.number == 1, {"xaxis": cell.x, "yaxis": cell.y}
    column = pl.col(PARAM + name).cast(pl.Float64)
    places = drawn.select(column).to_series().to_list()
    texts = [f"{plain_text(name)} {compact(place)}<br>{text}" for place, text in zip(places, told_briefly(drawn), strict=True)]
    cloud = points("complete", drawn, x=places, y=drawn["value"].to_list(), text=texts, showlegend=first, **at)
    cloud["marker"] = cloud["marker"] | {"size": 5, "opacity": 0.45, "line": {"width": 0}}
    middle = _medians(complete, column)
    line = {
        "type": "scatter", "mode": "lines+markers", "name": "Median at the value", "legendgroup": "median", "showlegend": first,
        "x": middle["at"].to_list(), "y": middle["median"].to_list(), "text": [f"{count:,} trials" for count in middle["count"].to_list()],
        "line": {"color": "@c-orange", "width": 2.2}, "marker": {"symbol": "square", "size": 5, "color": "@c-orange"},
        "hovertemplate": plain_text(name) + " %{x:.6~g}: median %{y:.3f}, %{text}<extra></extra>",
    }  # fmt: skip
    star = {
        "type": "scatter", "mode": "markers", "name": "Best", "legendgroup": "best", "showlegend": first, "x": [float(best[PARAM + name])],
        "y": [best["value"]], "marker": {"symbol": "star", "size": 13, "color": "@c-green", "line": {"width": 1.2, "color": "@panel"}},
        "hovertemplate": "best: " + plain_text(name) + " %{x:.6~g}, %{y:.3f}<extra></extra>",
    }  # fmt: skip
    return [cloud, line | at, star | at]


def _medians(complete: pl.DataFrame, column: pl.Expr) -> pl.DataFrame:
    """Return ``at``, ``median`` and ``count`` for each value of a parameter, or for equal steps where it has many values."""
    known = complete.select(at=column, value="value").drop_nulls()
    if known["at"].n_unique() > _STEPS:
        low, high = float(known["at"].min()), float(known["at"].max())  # type: ignore[arg-type]
        step = (high - low) / _STEPS
        bucket = ((pl.col("at") - low) / step).floor().clip(0, _STEPS - 1)
        known = known.with_columns(at=low + (bucket + 0.5) * step)
    return known.group_by("at").agg(median=pl.col("value").median(), count=pl.len()).sort("at")
