"""What the pointer tells of a walk-forward window."""

from collections.abc import Mapping
from typing import Any

from dashboard.formatting import day, number

Window = Mapping[str, Any]


def middle_of(window: Window) -> int:
    """Return the middle of the days tested, UTC milliseconds."""
    return (int(window["oos_start_ms"]) + int(window["oos_end_ms"])) // 2


def window_text(window: Window, metric: str) -> str:
    """Return the window, its days, ``metric`` in both parts and its trades."""
    inside, outside = window.get("is_metrics") or {}, window.get("oos_metrics") or {}
    note = "" if window.get("scored") else "<br>not scored"
    path = "" if window.get("path") is None else f" of path {int(window['path'])}"
    return (
        f"Window {int(window['index'])}{path}, {day(window['oos_start_ms'])} to {day(window['oos_end_ms'])}<br>"
        f"in sample {number(inside.get(metric))}, out of sample {number(outside.get(metric))}<br>"
        f"{number(outside.get('total_trades'), 0)} trades out of sample{note}"
    )
