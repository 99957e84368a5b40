"""The points of a figure as a table, for those who want the numbers behind a chart."""

import html
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import polars as pl

from dashboard.figures.base import Figure, Trace

_MATRIX = ("heatmap", "contour", "surface")
_FIELDS = ("x", "y", "z", "open", "high", "low", "close", "lat", "lon", "r", "theta", "values", "labels", "text")


def points_of(figure: Figure) -> pl.DataFrame:
    """Return one row per point of ``figure``: the name of its trace and what the trace has of x, y, z, prices and text.

    Where the figure draws only a part of its points, ``meta.thinned`` says so and the name of the first column repeats it.
    """
    tables = [_trace(trace) for trace in figure["data"]]
    filled = [table for table in tables if table.width > 1 and len(table)]
    whole = pl.concat(filled, how="diagonal_relaxed") if filled else pl.DataFrame({"trace": []}, schema={"trace": pl.String})
    thinned = figure["meta"].get("thinned")
    return whole.rename({"trace": f"trace ({thinned})"}) if thinned else whole


def _trace(trace: Trace) -> pl.DataFrame:
    name = html.unescape(str(trace.get("name") or trace.get("type") or ""))
    if "dimensions" in trace:
        columns = {str(each.get("label") or place): list(each["values"]) for place, each in enumerate(trace["dimensions"])}
    elif trace.get("type") in _MATRIX:
        columns = _cells(trace)
    else:
        columns = {field: list(trace[field]) for field in _FIELDS if _is_list(trace.get(field))}
    longest = max(map(len, columns.values()), default=0)
    even = {title: values for title, values in columns.items() if len(values) == longest}
    series = [_series(title, values) for title, values in even.items()]
    return pl.DataFrame([pl.Series("trace", [name] * longest, pl.String), *(each for each in series if each.name != "trace")])


def _cells(trace: Trace) -> dict[str, list[Any]]:
    """Return the cells of a matrix row by row."""
    rows = [list(row) for row in trace["z"]]
    across = list(trace.get("x", range(len(rows[0]) if rows else 0)))
    down = list(trace.get("y", range(len(rows))))
    pairs = list(product(down, across))
    return {"x": [x for _, x in pairs], "y": [y for y, _ in pairs], "z": [value for row in rows for value in row]}


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray | pl.Series) and not isinstance(value, str | bytes)


def _series(title: str, values: list[Any]) -> pl.Series:
    """Return a column of numbers, or of texts where not all of them are numbers; what Plotly writes as HTML is plain text again."""
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    if all(value is None or isinstance(value, bool | int | float) for value in plain):
        return pl.Series(title, plain, pl.Float64 if any(isinstance(value, float) for value in plain) else None, strict=False)
    texts = [None if value is None else html.unescape(str(value)).replace("<br>", "; ") for value in plain]
    return pl.Series(title, texts, pl.String)
