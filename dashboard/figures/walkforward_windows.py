"""Walk-forward windows on the time axis: in sample against out of sample, and where each window lies."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dashboard.figures.base import Figure, Trace, axis, empty, figure, iso, time_axis
from dashboard.formatting import day, number

Window = Mapping[str, Any]

_PANELS = (("sharpe_ratio", "Sharpe", "y", [0.62, 1.0]), ("net_pnl", "Net P&L", "y2", [0.22, 0.58]))


def windows_figure(windows: Sequence[Window]) -> Figure:
    """Return the chart of ``windows`` as walkforward.json lists them: bars out of sample, diamonds in sample, geometry beneath.

    A bar spans the out-of-sample days of its window; windows with too few trades to be scored are hatched.
    """
    if not windows:
        return empty("No windows yet: stage 8 tests each of them once it has searched on the days before.")
    data: list[Trace] = []
    for metric, _, target, _ in _PANELS:
        data += [_out_of_sample(windows, metric, target), _in_sample(windows, metric, target)]
    data += _geometry(windows)
    layout: dict[str, Any] = {
        "xaxis": time_axis(anchor="y3", range=iso(pl.Series([windows[0]["is_start_ms"], windows[-1]["oos_end_ms"]]))),
        "yaxis3": axis("Windows", side="right", domain=[0, 0.17], autorange="reversed", showgrid=False, nticks=4, tickformat="d"),
        "barmode": "overlay",
        "bargap": 0,
    }
    for index, (_, title, _, domain) in enumerate(_PANELS, start=1):
        layout["yaxis" if index == 1 else f"yaxis{index}"] = axis(
            title, side="right", domain=domain, zeroline=True, zerolinecolor="@line-strong", tickformat=",.6~g"
        )
    return figure(data, layout, windows=len(windows))


def _middle(window: Window) -> int:
    return (int(window["oos_start_ms"]) + int(window["oos_end_ms"])) // 2


def _out_of_sample(windows: Sequence[Window], metric: str, target: str) -> Trace:
    values = [(window.get("oos_metrics") or {}).get(metric) for window in windows]
    shapes = ["" if window.get("scored") else "/" for window in windows]
    return {
        "type": "bar", "name": "Out of sample (hatched: not scored)", "legendgroup": "oos", "showlegend": target == "y", "yaxis": target,
        "x": iso(pl.Series([_middle(window) for window in windows])), "y": values,
        "width": [0.86 * (int(window["oos_end_ms"]) - int(window["oos_start_ms"])) for window in windows],
        "marker": {
            "color": ["@c-green" if (value or 0) >= 0 else "@c-vermillion" for value in values], "line": {"width": 0},
            "pattern": {"shape": shapes, "fgcolor": "@panel", "size": 6, "solidity": 0.35},
        },
        "text": [_text(window, metric) for window in windows], "textposition": "none", "hovertemplate": "%{text}<extra></extra>",
        "customdata": [window["index"] for window in windows],
    }  # fmt: skip


def _in_sample(windows: Sequence[Window], metric: str, target: str) -> Trace:
    return {
        "type": "scatter", "mode": "markers", "name": "In sample, as promised by the search", "legendgroup": "is",
        "showlegend": target == "y", "yaxis": target,
        "x": iso(pl.Series([_middle(window) for window in windows])),
        "y": [(window.get("is_metrics") or {}).get(metric) for window in windows],
        "marker": {"symbol": "diamond", "size": 9, "color": "@panel", "line": {"width": 2, "color": "@c-blue"}},
        "text": [_text(window, metric) for window in windows], "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def _text(window: Window, metric: str) -> str:
    inside, outside = window.get("is_metrics") or {}, window.get("oos_metrics") or {}
    note = "" if window.get("scored") else "<br>not scored"
    return (
        f"Window {window['index']}, {day(window['oos_start_ms'])} to {day(window['oos_end_ms'])}<br>"
        f"in sample {number(inside.get(metric))}, out of sample {number(outside.get(metric))}<br>"
        f"{number(outside.get('total_trades'), 0)} trades out of sample{note}"
    )


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
