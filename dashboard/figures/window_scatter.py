"""Every window as a point: what its search promised in sample against what came of it out of sample."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure
from dashboard.figures.histogram import label
from dashboard.formatting import day, number
from reporting.gate_texts import finite

Window = Mapping[str, Any]

# Scored with a profit, scored with a loss, not scored: shape and colour.
_KINDS = {
    "profit": ("Profit out of sample", "circle", "@c-green"),
    "loss": ("Loss out of sample", "triangle-down", "@c-vermillion"),
    "unscored": ("Not scored", "x-thin-open", "@muted"),
}
_MOST_LABELS = 60


def scatter_figure(windows: Sequence[Window]) -> Figure:
    """Return the chart of annual Sharpe ratios; on the diagonal a window kept all that its search had shown."""
    placed = [(window, *_sharpes(window)) for window in windows]
    found = [(window, inside, outside) for window, inside, outside in placed if inside is not None and outside is not None]
    if not windows:
        return empty("No windows yet: stage 8 tests each of them once it has searched on the days before.")
    if not found:
        return empty("No window has a Sharpe ratio in both parts: without trades, or without any change of equity, there is none.")
    data = [_points(kind, [each for each in found if _kind(each[0]) == kind], labels=len(found) <= _MOST_LABELS) for kind in _KINDS]
    return figure([trace for trace in data if trace["x"]], _layout(found), windows=len(found), note=_missing(len(windows) - len(found)))


def _sharpes(window: Window) -> tuple[float | None, float | None]:
    return tuple(finite((window.get(part) or {}).get("sharpe_ratio")) for part in ("is_metrics", "oos_metrics"))  # type: ignore[return-value]


def _kind(window: Window) -> str:
    if not window.get("scored"):
        return "unscored"
    return "profit" if ((window.get("oos_metrics") or {}).get("net_pnl") or 0) > 0 else "loss"


def _points(kind: str, points: Sequence[tuple[Window, float | None, float | None]], *, labels: bool) -> Trace:
    name, symbol, color = _KINDS[kind]
    return {
        "type": "scatter", "mode": "markers+text" if labels else "markers", "name": name,
        "x": [inside for _, inside, _ in points], "y": [outside for _, _, outside in points],
        "text": [str(int(window["index"])) for window, _, _ in points], "textposition": "top center",
        "textfont": {"size": 10, "color": "@muted"},
        "marker": {"symbol": symbol, "size": 10, "color": color, "line": {"width": 2 if symbol.endswith("open") else 1, "color": color}},
        "customdata": [window["index"] for window, _, _ in points],
        "hovertext": [_text(window) for window, _, _ in points], "hovertemplate": "%{hovertext}<extra></extra>", "cliponaxis": False,
    }  # fmt: skip


def _text(window: Window) -> str:
    inside, outside = _sharpes(window)
    return (
        f"Window {int(window['index'])}, {day(window['oos_start_ms'])} to {day(window['oos_end_ms'])}<br>"
        f"Sharpe {number(inside)} in sample, {number(outside)} out of sample"
    )


def _layout(found: Sequence[tuple[Window, float | None, float | None]]) -> dict[str, Any]:
    values = [value for _, *pair in found for value in pair if value is not None]
    low, high = min(*values, 0.0), max(*values, 0.0)
    pad = (high - low) * 0.06 or 1.0
    ends = [low - pad, high + pad]
    diagonal = {"type": "line", "x0": ends[0], "y0": ends[0], "x1": ends[1], "y1": ends[1], "layer": "below"}
    return {
        "xaxis": axis("Sharpe ratio in sample, as promised", range=ends, zeroline=True, zerolinecolor="@line-strong", tickformat=".2~f"),
        "yaxis": axis("Out of sample", side="right", range=ends, zeroline=True, zerolinecolor="@line-strong", tickformat=".2~f"),
        "shapes": [diagonal | {"line": {"color": "@muted", "width": 1, "dash": "dot"}}],
        "annotations": [label("all of it kept", ends[1], ends[1], xanchor="right", yanchor="top", xshift=-26)],
    }


def _missing(count: int) -> str:
    if not count:
        return ""
    return f"{number(count, 0)} window{' has' if count == 1 else 's have'} no Sharpe ratio in one of the parts and cannot be placed."
