"""Walk-forward windows on the time axis: in sample against out of sample, and where each window lies."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, time_axis
from dashboard.figures.hatching import hatched
from dashboard.figures.window_paths import path_geometry, path_points
from dashboard.figures.window_texts import middle_of, window_text

Window = Mapping[str, Any]

_PANELS = (("sharpe_ratio", "Sharpe", "y", [0.62, 1.0]), ("net_pnl", "Net P&L", "y2", [0.22, 0.58]))


def windows_figure(windows: Sequence[Window], used: int | None = None) -> Figure:
    """Return the chart of ``windows`` as walkforward.json lists them: bars out of sample, diamonds in sample, geometry beneath.

    A bar spans the out-of-sample days of its window; windows with too few trades to be scored are hatched. Of combinatorial windows, which
    test all days several times, the bars are those of path ``used``, small circles those of the others, and each path is a row.
    """
    if not windows:
        return empty("No windows yet: stage 8 tests each of them once it has searched on the days before.")
    judged = [window for window in windows if window.get("path") == used] or list(windows)
    others = [window for window in windows if window.get("path") != used]
    data: list[Trace] = []
    for metric, _, target, _ in _PANELS:
        data += [_out_of_sample(judged, metric, target), *path_points(others, metric, target), _in_sample(judged, metric, target)]
    data += _geometry(windows) if used is None else path_geometry(windows, used)
    span = [min(window["is_start_ms"] for window in windows), max(window["oos_end_ms"] for window in windows)]
    return figure(data, _layout(span, "Windows" if used is None else "Paths"), windows=len(windows))


def _layout(span: Sequence[int], rows: str) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "xaxis": time_axis(anchor="y3", range=iso(pl.Series(span))),
        "yaxis3": axis(rows, side="right", domain=[0, 0.17], autorange="reversed", showgrid=False, nticks=4, tickformat="d"),
        "barmode": "overlay",
        "bargap": 0,
    }
    for index, (_, title, _, domain) in enumerate(_PANELS, start=1):
        layout["yaxis" if index == 1 else f"yaxis{index}"] = axis(
            title, side="right", domain=domain, zeroline=True, zerolinecolor="@line-strong", tickformat=",.6~g"
        )
    return layout


def _out_of_sample(windows: Sequence[Window], metric: str, target: str) -> Trace:
    values = [(window.get("oos_metrics") or {}).get(metric) for window in windows]
    shapes = ["" if window.get("scored") else "/" for window in windows]
    return {
        "type": "bar", "name": "Out of sample (hatched: not scored)", "legendgroup": "oos", "showlegend": target == "y", "yaxis": target,
        "x": iso(pl.Series([middle_of(window) for window in windows])), "y": values,
        "width": [0.86 * (int(window["oos_end_ms"]) - int(window["oos_start_ms"])) for window in windows],
        "marker": hatched(["@c-green" if (value or 0) >= 0 else "@c-vermillion" for value in values], shapes) | {"line": {"width": 0}},
        "text": [window_text(window, metric) for window in windows], "textposition": "none", "hovertemplate": "%{text}<extra></extra>",
        "customdata": [window["index"] for window in windows],
    }  # fmt: skip


def _in_sample(windows: Sequence[Window], metric: str, target: str) -> Trace:
    return {
        "type": "scatter", "mode": "markers", "name": "In sample, as promised by the search", "legendgroup": "is",
        "showlegend": target == "y", "yaxis": target,
        "x": iso(pl.Series([middle_of(window) for window in windows])),
        "y": [(window.get("is_metrics") or {}).get(metric) for window in windows],
        "marker": {"symbol": "diamond", "size": 9, "color": "@panel", "line": {"width": 2, "color": "@c-blue"}},
        "text": [window_text(window, metric) for window in windows], "hovertemplate": "%{text}<extra></extra>",
        "customdata": [window["index"] for window in windows],
    }  # fmt: skip


def _geometry(windows: Sequence[Window]) -> list[Trace]:
    """Return the rows of the plan: a thin line for the days searched, a thick one for the days tested."""
    thick = max(2.0, min(7.0, 60 / len(windows)))
    parts = (
        ("is_start_ms", "is_end_ms", "@c-blue", thick / 2, "Days searched"),
        ("oos_start_ms", "oos_end_ms", "@c-green", thick, "Days tested"),
    )
    traces = []
    for start, end, color, width, name in parts:
        times = [time for window in windows for time in (*iso(pl.Series([window[start], window[end]])), None)]
        rows = [row for window in windows for row in (window["index"], window["index"], None)]
        line = {"color": color, "width": width}
        traces.append(
            {"type": "scatter", "mode": "lines", "name": name, "x": times, "y": rows, "yaxis": "y3", "line": line, "hoverinfo": "skip"}
        )
    return traces
