"""Bars of a histogram that is kept as left edges and counts, and marks that run through all of a chart."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

from dashboard.figures.base import Trace, axis
from dashboard.figures.hatching import hatched

Bins = Sequence[Sequence[float]]


def bin_width(bins: Bins) -> float:
    """Return the width of the bars; 1 where one alone does not tell it."""
    return min((after[0] - before[0] for before, after in pairwise(bins)), default=1.0)


def bar_trace(name: str, bins: Bins, width: float, color: str, *, shape: str = "", text: Callable[[float], str]) -> Trace:
    """Return the bars of ``bins``; ``shape`` hatches them, ``text`` says what the middle of a bar stands for."""
    middles = [float(each[0]) + width / 2 for each in bins]
    return {
        "type": "bar", "name": name, "x": middles, "y": [each[1] for each in bins], "width": width,
        "marker": hatched(color, shape) | {"line": {"width": 1, "color": "@panel"}},
        "text": [f"{text(middle)}<br>{name}: {each[1]:,.0f}" for middle, each in zip(middles, bins, strict=True)],
        "textposition": "none", "hovertemplate": "%{text}<extra></extra>",
    }  # fmt: skip


def count_axis(title: str, bins: Bins) -> dict[str, Any]:
    """Return the axis of the counts: whole numbers, few of them."""
    most = max((each[1] for each in bins), default=0)
    ticks = {"dtick": 1} if most < 6 else {"nticks": 6}
    return axis(title, side="right", rangemode="tozero", tickformat="~s" if most >= 10_000 else ",d", **ticks)


def upright(at: float, color: str = "@line-strong", dash: str = "solid", width: float = 1.0) -> dict[str, Any]:
    """Return a vertical line through the whole plot."""
    line = {"color": color, "dash": dash, "width": width}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def level(at: float, color: str = "@line-strong", dash: str = "solid", width: float = 1.0) -> dict[str, Any]:
    """Return a horizontal line through the whole plot."""
    line = {"color": color, "dash": dash, "width": width}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at, "line": line}


def label(text: str, x: float | str, y: float | str, **more: Any) -> dict[str, Any]:
    """Return a small text in the plot."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": 11, "color": "@muted"}} | more
