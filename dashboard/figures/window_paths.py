"""Combinatorial windows on the time axis: all days are tested several times, once by every path."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.figures.base import Trace, iso
from dashboard.figures.window_texts import middle_of, window_text

Window = Mapping[str, Any]

# Of the days of a window, this part is drawn in its row: the rest keeps neighbours apart.
_DRAWN = 0.94


def path_points(windows: Sequence[Window], metric: str, target: str) -> list[Trace]:
    """Return what the windows of the paths that are not judged came to; nothing where there are none."""
    if not windows:
        return []
    trace = {
        "type": "scatter", "mode": "markers", "name": "Out of sample, other paths", "legendgroup": "others", "showlegend": target == "y",
        "yaxis": target, "x": iso(pl.Series([middle_of(window) for window in windows])),
        "y": [(window.get("oos_metrics") or {}).get(metric) for window in windows],
        "marker": {"symbol": "circle-open", "size": 7, "color": "@ink", "line": {"width": 1.5, "color": "@ink"}},
        "text": [window_text(window, metric) for window in windows], "hovertemplate": "%{text}<extra></extra>",
        "customdata": [window["index"] for window in windows],
    }  # fmt: skip
    return [trace]


def path_geometry(windows: Sequence[Window], used: int) -> list[Trace]:
    """Return a row of tested days for every path, the judged one thick."""
    parts = (
        ("Days tested, judged path", "@c-green", 7.0, [window for window in windows if window["path"] == used]),
        ("Days tested, other paths", "@c-sky", 3.5, [window for window in windows if window["path"] != used]),
    )
    return [_rows(name, color, width, rows) for name, color, width, rows in parts if rows]


def _rows(name: str, color: str, width: float, windows: Sequence[Window]) -> Trace:
    times: list[str | None] = []
    for window in windows:
        start, end = int(window["oos_start_ms"]), int(window["oos_end_ms"])
        times += [*iso(pl.Series([start, round(start + _DRAWN * (end - start))])), None]
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": times,
        "y": [row for window in windows for row in (window["path"], window["path"], None)], "yaxis": "y3",
        "line": {"color": color, "width": width}, "hoverinfo": "skip",
    }  # fmt: skip
