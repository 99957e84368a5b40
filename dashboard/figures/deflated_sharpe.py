"""The deflated Sharpe ratio against the number of independent trials: how much luck each way to count them takes away."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure, plain_text
from dashboard.figures.histogram import label, level
from dashboard.figures.reasons import why_empty
from reporting.gate_texts import finite, percent, percent_of_limit
from reporting.significance_gates import plain_count
from reporting.significance_tables import COUNTS

Content = Mapping[str, Any]

# Every count has a shape of its own: they are told apart without colour.
_SHAPES = {
    "raw": ("x", "@c-vermillion"),
    "unique": ("cross", "@c-orange"),
    "average_correlation": ("triangle-up", "@c-purple"),
    "effective_rank": ("diamond", "@c-blue"),
    "participation": ("square", "@c-sky"),
    "clustered": ("circle", "@c-green"),
}


def deflated_figure(deflated: Content, limit: float | None) -> Figure:
    """Return the chart of ``deflated_sharpe`` in significance.json; ``limit`` is the probability that the gate asks for."""
    if not deflated["curve"]:
        return empty(why_empty("Deflated Sharpe ratio", deflated))
    curve: Trace = {
        "type": "scatter", "mode": "lines", "name": "With so many independent trials", "x": [point[0] for point in deflated["curve"]],
        "y": [point[1] for point in deflated["curve"]], "line": {"color": "@c-blue", "width": 2},
        "hovertemplate": "%{x:,.3~g} trials: %{y:.1%}<extra></extra>",
    }  # fmt: skip
    counts = [
        _count(each, used=each["count"] == deflated["count"]) for each in deflated["variants"] or () if finite(each["value"]) is not None
    ]
    layout = {
        "xaxis": axis("Independent trials (logarithmic)", type="log", dtick=1, tickformat=",~r"),
        "yaxis": axis("Probability that it is more than luck", side="right", tickformat=".0%", range=[0, 1.04]),
        "shapes": [] if limit is None else [level(limit, "@ink", "dash")],
        "annotations": [] if limit is None else [_needed(limit)],
    }
    return figure([curve, *counts], layout, counts=len(counts))


def _count(variant: Content, *, used: bool) -> Trace:
    name = str(variant["count"])
    shape, color = _SHAPES.get(name, ("hexagon", "@muted"))
    shown = COUNTS[name][0] if name in COUNTS else plain_text(name)
    text = f"{shown}: {plain_count(variant['trials'])} trials, {percent(variant['value'])}"
    return {
        "type": "scatter", "mode": "markers", "name": f"{shown} (judged)" if used else shown, "x": [variant["trials"]],
        "y": [variant["value"]], "text": [text], "hovertemplate": "%{text}<extra></extra>",
        "marker": {"symbol": shape, "color": color, "size": 15 if used else 10, "line": {"width": 2 if used else 1, "color": "@ink"}},
    }  # fmt: skip


def _needed(limit: float) -> dict[str, Any]:
    return label(f"needed: {percent_of_limit(limit)}", 1, limit, xref="paper", xanchor="right", yanchor="bottom")
