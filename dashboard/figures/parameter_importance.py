"""Which parameters the objective depends on: the share of its variance that each explains by itself, as stage 7 found it."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, axis, empty, figure, plain_text
from dashboard.figures.hatching import hatched
from dashboard.formatting import number

_TOGETHER = "together with others"


def importance_figure(found: Mapping[str, Any] | None) -> Figure:
    """Return the bars of ``importance`` of a finished stage, the longest on top; None while there is none."""
    if found is None:
        return empty("Importance is worked out when the search is over, where optimization.neighbourhood is on. Windows never do it.")
    if found["reason"]:
        return empty(f"Importance cannot be told: {found['reason']}.")
    known = sorted(((name, share) for name, share in found["shares"].items() if share is not None), key=lambda item: item[1])
    bars = [(_TOGETHER, found["interactions"]), *known]
    widest = max(share for _, share in bars)
    trace = {
        "type": "bar", "name": "Importance", "orientation": "h",
        "y": [plain_text(name) for name, _ in bars], "x": [100 * share for _, share in bars],
        "text": [f"{number(100 * share, 1)} %" for _, share in bars], "textposition": "outside", "cliponaxis": False,
        "textfont": {"size": 11, "color": "@ink"},
        "marker": hatched(
            ["@c-sky" if name == _TOGETHER else "@c-blue" for name, _ in bars], ["/" if name == _TOGETHER else "" for name, _ in bars]
        ),
        "hovertemplate": "%{y}: %{x:.1f} % of the variance<extra></extra>", "showlegend": False,
    }  # fmt: skip
    layout = {
        "xaxis": axis("Share of the objective's variance, %", range=[0, 125 * widest], ticksuffix=" %"),
        "yaxis": axis(type="category", showgrid=False),
        "height": 90 + 30 * len(bars),
        "bargap": 0.35,
    }
    return figure([trace], layout, note=_note(found))


def _note(found: Mapping[str, Any]) -> str:
    unsure = " It predicts little, so the shares are uncertain." if found["explained"] < 0.5 else ""
    return (
        f"fANOVA over the whole grid from {number(found['points'], 0)} valid points, {number(found['trials'], 0)} of them trials; "
        f"the model explains {number(100 * found['explained'], 0)} % of the variance of points it was not shown.{unsure}"
    )
