"""Hatches: what colour says of a bar, they say too."""

from collections.abc import Sequence
from typing import Any


def hatch(shapes: str | Sequence[str]) -> dict[str, Any]:
    """Return the pattern of bars: "/" is hatched, "" is plain; one for all bars or one for each."""
    shape = shapes if isinstance(shapes, str) else list(shapes)
    return {"shape": shape, "fillmode": "overlay", "fgcolor": "@panel", "size": 6, "solidity": 0.3}
