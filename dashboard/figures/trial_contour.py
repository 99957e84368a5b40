"""The score over two parameters: the median of the complete trials in each cell, and where trials were."""

from typing import Any

import polars as pl

from dashboard.figures.base import Figure, axis, empty, figure, plain_text
from dashboard.figures.subplots import scale_strip
from dashboard.figures.trial_points import left_out, thinned, told
from dashboard.formatting import words
from reporting.trial_tables import PARAM

_CELLS = 30
_MOST_MARKS = 400
# Light to dark in every kind of colour vision.
_SCALE = [[0, "@raised"], [0.5, "@drift-low"], [1, "@c-blue"]]


def contour_figure(trials: pl.DataFrame, x: str, y: str, objective: str) -> Figure:
    """Return the map of ``x`` across and ``y`` upright, both names of searched parameters; all others as the trials had them."""
    across, upright = PARAM + x, PARAM + y
    complete = trials.filter(pl.all_horizontal(pl.col("value", across, upright).is_not_null()))
    if complete[across].n_unique() < 2 or complete[upright].n_unique() < 2:
        return empty(f"It takes complete trials with at least two values of {x} and of {y} to draw a map.")
    cells = complete.select(x=_cell(complete, across), y=_cell(complete, upright), value="value")
    table = cells.group_by("x", "y").agg(pl.col("value").median(), count=pl.len())
    xs, ys = table["x"].unique().sort().to_list(), table["y"].unique().sort().to_list()
    found = {(row["x"], row["y"]): row for row in table.iter_rows(named=True)}
    word = plain_text(words(objective).lower())
    heat = {
        "type": "heatmap", "name": "Median", "x": xs, "y": ys,
        "z": [[found.get((a, b), {}).get("value") for a in xs] for b in ys], "colorscale": _SCALE,
        "text": [[f"{found.get((a, b), {}).get('count', 0):,} trials" for a in xs] for b in ys], "hoverongaps": False,
        "hovertemplate": f"{plain_text(x)} %{{x:.6~g}}, {plain_text(y)} %{{y:.6~g}}<br>median {word} %{{z:.3f}}, %{{text}}<extra></extra>",
        "showscale": False, "xgap": 1, "ygap": 1,
    }  # fmt: skip
    drawn = thinned(complete, _MOST_MARKS)
    strip, axes = scale_strip(float(table["value"].min()), float(table["value"].max()), _SCALE, 2)  # type: ignore[arg-type]
    layout = {"xaxis": _axis(x, complete[across]) | {"domain": [0, 0.93]}, "yaxis": _axis(y, complete[upright])} | axes
    left = left_out(len(drawn), len(complete), "complete trials")
    note = f"Each cell is the median {word} of its trials, whatever their other parameters. {left}"
    return figure([heat, strip, *_marks(drawn, across, upright)], layout, note=note.strip(), drawn=len(drawn), cells=len(table))


def _axis(name: str, values: pl.Series) -> dict[str, Any]:
    yes_no = {"tickvals": [0, 1], "ticktext": ["no", "yes"]} if values.dtype == pl.Boolean else {"tickformat": ".6~g"}
    return axis(plain_text(name), showgrid=False, **yes_no)


def _cell(trials: pl.DataFrame, column: str) -> pl.Series:
    """Return the middle of each trial's cell: its own value, or one of equal steps where there are many values."""
    values = trials[column].cast(pl.Float64)
    if values.n_unique() <= _CELLS:
        return values
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    step = (high - low) / _CELLS
    return low + (((values - low) / step).floor().clip(0, _CELLS - 1) + 0.5) * step


def _marks(drawn: pl.DataFrame, across: str, upright: str) -> list[dict[str, Any]]:
    def at(trials: pl.DataFrame) -> dict[str, Any]:
        places = trials.select(pl.col(across, upright).cast(pl.Float64))
        return {"type": "scatter", "mode": "markers", "x": places[across].to_list(), "y": places[upright].to_list(), "text": told(trials)}

    best = drawn.sort("value", "trial", descending=[True, False]).head(1)
    look = {"hovertemplate": "%{text}<extra></extra>"}
    dots = (
        at(drawn)
        | look
        | {"name": "Trials", "customdata": drawn["trial"].to_list(), "marker": {"size": 3, "color": "@muted", "opacity": 0.6}}
    )
    star = {"symbol": "star", "size": 14, "color": "@c-green", "line": {"width": 1.2, "color": "@panel"}}
    return [dots, at(best) | look | {"name": "Best", "marker": star}]
