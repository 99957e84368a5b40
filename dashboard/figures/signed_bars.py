"""Bars of amounts that may be won or lost: colour and hatch say which, the number stands at the end of the bar."""

from collections.abc import Sequence
from typing import Any

from dashboard.figures.base import Figure, Trace, axis
from dashboard.figures.hatching import hatched
from dashboard.formatting import number

Values = Sequence[float | None]


def signed_marker(values: Values, gain: str = "@c-green") -> dict[str, Any]:
    """Return the marker of bars: losses are hatched, so that nobody needs to tell the colours apart."""
    won = [(value or 0) > 0 for value in values]
    colors = [gain if each else "@c-vermillion" for each in won]
    return hatched(colors, ["" if each else "/" for each in won]) | {"line": {"width": 0}}


def signed_bars(labels: Sequence[str], values: Values, texts: Sequence[str]) -> Trace:
    """Return bars of net P&L by label, one below the other; ``texts`` are shown by the pointer."""
    return {
        "type": "bar", "orientation": "h", "name": "Net P&L", "x": list(values), "y": list(labels), "showlegend": False,
        "marker": signed_marker(values), "text": [number(value) for value in values], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 11, "color": "@ink"}, "hovertext": list(texts), "hovertemplate": "%{hovertext}<extra></extra>",
    }  # fmt: skip


def signed_layout(values: Values, rows: int) -> Figure:
    """Return the layout of so many ``rows`` of such bars, with room for the numbers at their ends."""
    known = [value for value in values if value is not None]
    low, high = min([*known, 0.0]), max([*known, 0.0])
    pad = (high - low) * 0.3 or 1.0
    ends = [low - pad if low < 0 else low, high + pad if high > 0 else high]
    return {
        "xaxis": axis("Net P&L", zeroline=True, zerolinecolor="@line-strong", tickformat=",.6~g", **({"range": ends} if known else {})),
        "yaxis": axis(type="category", autorange="reversed", showgrid=False),
        "bargap": 0.35,
        "height": 90 + 36 * rows,
    }
