"""Hatches: what colour says of a bar, they say too."""

from collections.abc import Sequence
from typing import Any


def hatched(color: str | Sequence[str], shape: str | Sequence[str]) -> dict[str, Any]:
    """Return the marker of bars in ``color``, "/" hatched and "" plain; one of both for all bars or one for each.

    The ground of the hatch is named and replaces the bar's own: left to itself, Plotly looks for the contrast of a whole list of colours
    and warns that this is none.
    """
    ground = color if isinstance(color, str) else list(color)
    pattern = {
        "shape": shape if isinstance(shape, str) else list(shape), "fillmode": "replace", "bgcolor": ground, "fgcolor": "@panel",
        "fgopacity": 0.5, "size": 6, "solidity": 0.3,
    }  # fmt: skip
    return {"color": ground, "pattern": pattern}
