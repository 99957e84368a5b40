"""How far figures of the winner and of the out-of-sample account could be off: bootstrap intervals side by side."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, Trace, axis, empty, figure
from dashboard.figures.histogram import label
from dashboard.figures.reasons import why_empty
from dashboard.formatting import number
from reporting.gate_texts import finite, percent_of_limit

Content = Mapping[str, Any]

# Figure, its title, the value that means nothing was won, decimals.
_PANELS = (("sharpe", "Sharpe ratio", 0.0, 2), ("profit_factor", "Profit factor", 1.0, 2), ("max_drawdown", "Max drawdown %", 0.0, 2))
_ACCOUNTS = (("Winner, in sample", "circle", "@c-orange"), ("Out of sample", "diamond", "@c-green"))


def intervals_figure(winner: Content, outside: Content) -> Figure:
    """Return three small charts, one below the other: estimate and interval of both accounts in significance.json."""
    data: list[Trace] = []
    layout: dict[str, Any] = {"shapes": [], "annotations": [], "height": 420, "hovermode": "closest"}
    for place, (name, title, nothing, decimals) in enumerate(_PANELS):
        suffix = str(place + 1) if place else ""
        for (name_of, symbol, color), account in zip(_ACCOUNTS, (winner, outside), strict=True):
            interval = account["intervals"][name]
            if finite(interval["low"]) is not None and finite(interval["high"]) is not None:
                data.append(_interval(name_of, interval, symbol, color, decimals) | {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"})
        bottom = 1 - (place + 1) / 3 + 0.07
        top = 1 - place / 3 - 0.07
        layout |= _axes(suffix, [bottom, top])
        layout["annotations"].append(label(title, 0, top, xref="paper", yref="paper", xanchor="left", yanchor="bottom"))
        layout["shapes"].append(_reference(suffix, nothing))
    if not data:
        return empty(why_empty("Intervals", winner["intervals"]["sharpe"]))
    return figure(_once_in_the_legend(data), layout, intervals=len(data))


def _reference(suffix: str, value: float) -> dict[str, Any]:
    """Return the line of the value that means nothing was won."""
    place = {"type": "line", "xref": f"x{suffix}", "yref": f"y{suffix} domain", "x0": value, "x1": value, "y0": 0, "y1": 1}
    return place | {"line": {"color": "@line-strong", "width": 1, "dash": "dot"}}


def _axes(suffix: str, domain: list[float]) -> dict[str, Any]:
    labels = [name for name, _, _ in reversed(_ACCOUNTS)]
    return {
        f"xaxis{suffix}": axis(anchor=f"y{suffix}", tickformat=",.4~g", rangemode="normal"),
        f"yaxis{suffix}": axis(
            type="category", domain=domain, categoryorder="array", categoryarray=labels, anchor=f"x{suffix}", range=[-0.6, 1.6],
            showticklabels=False, showgrid=False,
        ),
    }  # fmt: skip


def _interval(name: str, interval: Content, symbol: str, color: str, decimals: int) -> Trace:
    low, high = interval["low"], interval["high"]
    middle = interval["value"] if finite(interval["value"]) is not None else (low + high) / 2
    between = f"between {number(low, decimals)} and {number(high, decimals)}"
    text = f"{number(middle, decimals)}, with {percent_of_limit(interval['level'])} {between}"
    return {
        "type": "scatter", "mode": "markers", "name": name, "legendgroup": name, "x": [middle], "y": [name], "text": [text],
        "marker": {"symbol": symbol, "size": 11, "color": color},
        "error_x": {
            "type": "data", "symmetric": False, "array": [max(0.0, high - middle)], "arrayminus": [max(0.0, middle - low)], "color": color,
            "thickness": 2, "width": 6,
        },
        "hovertemplate": "%{y}: %{text}<extra></extra>",
    }  # fmt: skip


def _once_in_the_legend(data: list[Trace]) -> list[Trace]:
    seen: set[str] = set()
    shown = []
    for trace in data:
        shown.append(trace | {"showlegend": trace["name"] not in seen})
        seen.add(trace["name"])
    return shown
