"""The Sharpe ratios of the combinatorial paths, worst first: how much the choice depends on the days."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, axis, empty, figure
from dashboard.figures.hatching import hatched
from dashboard.figures.histogram import label, level
from dashboard.figures.reasons import why_empty
from dashboard.formatting import number


def path_sharpes_figure(paths: Mapping[str, Any]) -> Figure:
    """Return the bars of ``paths`` in significance.json."""
    if not paths["sharpes"]:
        return empty(why_empty("Combinatorial paths", paths))
    ranked = sorted(paths["sharpes"])
    bars = {
        "type": "bar", "name": "Path", "x": list(range(1, len(ranked) + 1)), "y": ranked, "showlegend": False,
        "marker": hatched(
            ["@c-blue" if value > 0 else "@c-vermillion" for value in ranked], ["" if value > 0 else "/" for value in ranked]
        ),
        "hovertemplate": "path %{x}, worst first: %{y:.2f}<extra></extra>",
    }  # fmt: skip
    middle = paths["value"]
    layout = {
        "xaxis": axis("Path, worst first", tickformat="d", dtick=max(1, len(ranked) // 10)),
        "yaxis": axis("Annual Sharpe ratio", side="right", zeroline=True, zerolinecolor="@line-strong", tickformat=".2~f"),
        "shapes": [] if middle is None else [level(middle, "@ink", "dash")],
        "annotations": [] if middle is None else [
            label(f"median {number(middle)}", 0, middle, xref="paper", xanchor="left", yanchor="bottom")
        ],
    }  # fmt: skip
    return figure([bars], layout, paths=len(ranked))
