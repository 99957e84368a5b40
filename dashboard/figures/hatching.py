"""Hatches: what colour says of a bar, they say too."""

from collections.abc import Sequence
from typing import Any


def hatched(color: str | Sequence[str], shape: str | Sequence[str]) -> dict[str, Any]:
    """Return the marker of bars in ``color``, "/" hatched and "" plain; one of both for all bars or one for each.

    One ground is named: left to itself, Plotly looks for the contrast of the whole list of colours and warns that this is none. On the
    plot each bar has its own colour all the same, in the legend that of the first.
    """
    colors = color if isinstance(color, str) else list(color)
    ground = colors if isinstance(colors, str) else next(iter(colors), "@panel")
    pattern = {
        "shape": shape if isinstance(shape, str) else list(shape), "fillmode": "overlay", "bgcolor": ground, "fgcolor": "@panel",
        "size": 6, "solidity": 0.3,
    }  # fmt: skip
    return {"color": colors, "pattern": pattern}
