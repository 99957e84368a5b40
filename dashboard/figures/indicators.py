"""The lines that a strategy looks at: over the candles, and in panels of their own below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dashboard.decimation import extremes
from dashboard.figures.base import Trace, axis, iso, plain_text

# Lines over the candles differ by dash as well as by colour.
_STYLES = (("@c-orange", "solid"), ("@c-purple", "solid"), ("@c-green", "dash"), ("@c-sky", "dot"), ("@c-yellow", "dashdot"))
_DIGITS = 7
_MAX_POINTS = 1500


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One line: ``values`` beside the candles, ``panel`` "price" or "oscillator", ``levels`` drawn across an oscillator's panel."""

    name: str
    panel: str
    levels: tuple[float, ...]
    values: NDArray[np.floating[Any]]


def oscillators(lines: Sequence[IndicatorLine]) -> list[IndicatorLine]:
    """Return the lines that have a panel of their own."""
    return [line for line in lines if line.panel != "price"]


def indicator_traces(lines: Sequence[IndicatorLine], times: NDArray[np.int64], rows: slice, first_axis: int) -> list[Trace]:
    """Return one trace per line over ``rows`` of the candles; the oscillators' axes are numbered from ``first_axis`` on."""
    traces, over, below = [], 0, 0
    for line in lines:
        if line.panel == "price":
            color, dash = _STYLES[over % len(_STYLES)]
            over += 1
            traces.append(_trace(line, times, rows, "y", color, dash))
        else:
            traces.append(_trace(line, times, rows, f"y{first_axis + below}", "@c-blue", "solid"))
            below += 1
    return traces


def oscillator_axes(lines: Sequence[IndicatorLine], domains: Sequence[list[float]], first_axis: int) -> dict[str, Any]:
    """Return the axes of the oscillators' panels, which lie in ``domains``."""
    axes: dict[str, Any] = {}
    for place, (line, domain) in enumerate(zip(lines, domains, strict=True)):
        more = {"tickvals": list(line.levels), "showgrid": True} if line.levels else {"nticks": 3}
        axes[f"yaxis{first_axis + place}"] = axis(side="right", domain=domain, tickformat=",.4~g", **more)
    return axes


def oscillator_names(lines: Sequence[IndicatorLine], domains: Sequence[list[float]]) -> list[dict[str, Any]]:
    """Return the names of the panels, each in the corner of its own."""
    corner = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "yanchor": "top", "showarrow": False, "bgcolor": "@panel"}
    font = {"size": 11, "color": "@muted"}
    return [corner | {"y": domain[1], "text": plain_text(line.name), "font": font} for line, domain in zip(lines, domains, strict=True)]


def _trace(line: IndicatorLine, times: NDArray[np.int64], rows: slice, target: str, color: str, dash: str) -> Trace:
    values = np.asarray(line.values[rows], np.float64)
    kept = extremes(values, _MAX_POINTS)
    return {
        "type": "scatter", "mode": "lines", "name": plain_text(line.name), "yaxis": target, "showlegend": target == "y",
        "x": iso(pl.Series(times[rows][kept])), "y": [float(f"{value:.{_DIGITS}g}") for value in values[kept].tolist()],
        "line": {"color": color, "width": 1.3, "dash": dash}, "hovertemplate": "%{y:,.6~g}", "connectgaps": False,
    }  # fmt: skip
