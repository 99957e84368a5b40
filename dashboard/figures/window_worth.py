"""What each window's search was worth: does better stay better, how much of the yearly return is kept, what choosing added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure
from dashboard.figures.histogram import label
from dashboard.figures.signed_bars import signed_marker
from dashboard.formatting import number
from reporting.gate_texts import finite

Window = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """One panel: the field of a window, its title, the most that is drawn either way, and what is neither good nor bad."""

    field: str
    title: str
    most: float
    decimals: int


MEASURES = (
    Measure("rank_correlation", "Rank correlation", 1.0, 2),
    Measure("efficiency", "Efficiency", 3.0, 2),
    Measure("selection_skill", "Skill (Sharpe)", 10.0, 2),
)


def worth_figure(content: Mapping[str, Any]) -> Figure:
    """Return the chart of walkforward.json's rank correlation, efficiency and selection skill by window, with their means."""
    windows = content["windows"]
    if not windows:
        return empty("No windows yet: stage 8 tests all trials of a window's search once it is done.")
    if not any(measure.field in window for window in windows for measure in MEASURES):
        return empty("This run was made before the program tested all trials of a window; a new run does.")
    data = [_bars(windows, measure, place) for place, measure in enumerate(MEASURES)]
    shown = [trace for trace in data if any(value is not None for value in trace["y"])]
    if not shown:
        return empty("None of it can be computed here: no window's search has trials that traded in both of its parts.")
    return figure(data, _layout(content, windows), windows=len(windows), note=_cut(windows))


def _bars(windows: Sequence[Window], measure: Measure, place: int) -> Trace:
    values = [finite(window.get(measure.field)) for window in windows]
    drawn = [None if value is None else max(-measure.most, min(measure.most, value)) for value in values]
    return {
        "type": "bar", "name": measure.title, "x": [window["index"] for window in windows], "y": drawn, "showlegend": False,
        "yaxis": "y" if not place else f"y{place + 1}", "customdata": [window["index"] for window in windows],
        "marker": signed_marker(values, "@c-blue"),
        "text": [f"window {int(each['index'])}: {number(value, measure.decimals)}" for each, value in zip(windows, values, strict=True)],
        "textposition": "none", "hovertemplate": f"{measure.title}, %{{text}}<extra></extra>",
    }  # fmt: skip


def _layout(content: Mapping[str, Any], windows: Sequence[Window]) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "xaxis": axis("Window", tickformat="d", anchor=f"y{len(MEASURES)}", dtick=max(1, -(-len(windows) // 16))),
        "shapes": [], "annotations": [], "height": 440, "bargap": 0.25,
    }  # fmt: skip
    share = 1 / len(MEASURES)
    for place, measure in enumerate(MEASURES):
        name = "y" if not place else f"y{place + 1}"
        top = 1 - place * share
        layout[name.replace("y", "yaxis")] = axis(
            measure.title, side="right", domain=[top - share + 0.045, top - 0.02], zeroline=True, zerolinecolor="@line-strong",
            tickformat=".2~f", nticks=5, **({"range": [-1.05, 1.05]} if measure.field == "rank_correlation" else {}),
        )  # fmt: skip
        mean = finite(content.get(measure.field))
        layout["annotations"].append(
            label(f"{measure.title}: all windows {number(mean, measure.decimals)}", 0, top, xref="paper", yref="paper", xanchor="left")
        )
        if mean is not None and abs(mean) <= measure.most:
            line = {"color": "@ink", "width": 1.5, "dash": "dash"}
            layout["shapes"].append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": name, "y0": mean, "y1": mean, "line": line})
    return layout


def _cut(windows: Sequence[Window]) -> str:
    """Say which bars end at the border although their values are beyond it."""
    beyond = sum(1 for window in windows for measure in MEASURES if abs(finite(window.get(measure.field)) or 0.0) > measure.most)
    return f"{number(beyond, 0)} bar{'' if beyond == 1 else 's'} cut at the border; the pointer tells the value." if beyond else ""
