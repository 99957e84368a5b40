"""How far the parameters chosen in each walk-forward window stray from the base: steady choices are worth more than lucky ones."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.figures.base import Figure, axis, empty, figure, plain_text
from dashboard.formatting import compact, number

_LIMIT = 50.0


def drift_figure(windows: Sequence[Mapping[str, Any]], drift: Mapping[str, Mapping[str, Any]]) -> Figure:
    """Return a map of parameters (rows) by windows (columns): the number is the value chosen, the colour its distance from the base.

    ``drift`` maps each parameter to its ``base`` (and min, max, mean, std); colours end at 50 % either way.
    """
    names = [name for name in drift if any(name in (window.get("params") or {}) for window in windows)]
    if not names:
        return empty("No parameters yet: every walk-forward window chooses its own.")
    columns = [f"W{int(window['index'])}" for window in windows]
    chosen = [[(window.get("params") or {}).get(name) for window in windows] for name in names]
    shifts = [[_shift(value, drift[name].get("base")) for value in row] for name, row in zip(names, chosen, strict=True)]
    trace = {
        "type": "heatmap", "x": columns, "y": [plain_text(name) for name in names], "xgap": 2, "ygap": 2,
        "zmin": -_LIMIT, "zmax": _LIMIT, "zmid": 0,
        "z": [[None if shift is None else max(-_LIMIT, min(_LIMIT, shift)) for shift in row] for row in shifts],
        "text": [[compact(value) for value in row] for row in chosen], "texttemplate": "%{text}", "textfont": {"size": 11, "color": "@ink"},
        "customdata": [_hover(row, drift[name]) for name, row in zip(names, shifts, strict=True)],
        "hovertemplate": "%{y} in %{x}: %{text}<br>%{customdata}<extra></extra>", "showscale": False,
        "colorscale": [[0, "@drift-low"], [0.5, "@drift-mid"], [1, "@drift-high"]],
    }  # fmt: skip
    layout = {
        "xaxis": axis(side="top", showgrid=False, type="category"),
        "yaxis": axis(showgrid=False, autorange="reversed", type="category"),
        "height": 70 + 26 * len(names),
    }
    return figure([trace], layout, parameters=len(names), min_width=150 + 44 * len(columns))


def _shift(value: Any, base: Any) -> float | None:
    """Return how far ``value`` is from ``base`` in percent of the base; None where that has no meaning."""
    numbers = isinstance(value, int | float) and isinstance(base, int | float)
    if not numbers or base == 0 or not math.isfinite(value) or not math.isfinite(base):
        return None
    return (float(value) / float(base) - 1) * 100


def _hover(shifts: Sequence[float | None], drift: Mapping[str, Any]) -> list[str]:
    base, spread = compact(drift.get("base")), number(drift.get("std"), 3)
    return [f"base {base}, {number(shift, 1)} % away, spread over all windows {spread}" for shift in shifts]
