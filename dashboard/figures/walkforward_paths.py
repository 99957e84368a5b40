"""The paths of combinatorial windows: every one tests all days once, with other searches."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, empty, figure
from dashboard.figures.signed_bars import signed_bars, signed_layout
from dashboard.formatting import number
from reporting.gate_texts import counted


def paths_figure(content: Mapping[str, Any]) -> Figure:
    """Return the bars of walkforward.json's ``paths``; the one that is stitched and judged is outlined and named."""
    paths, used = content.get("paths"), content.get("stitched_path")
    if not paths:
        return empty(
            "There are no paths: the windows of this run follow each other in time. walkforward.scheme = combinatorial makes some."
        )
    values = [each["net_pnl"] for each in paths]
    bars = signed_bars([_name(each, used) for each in paths], values, [_text(each) for each in paths])
    bars["marker"]["line"] = {"width": [2.5 if each["path"] == used else 0 for each in paths], "color": "@ink"}
    return figure([bars], signed_layout(values, len(paths)), paths=len(paths))


def _name(path: Mapping[str, Any], used: int | None) -> str:
    return f"path {int(path['path'])}<br>judged: the middle one" if path["path"] == used else f"path {int(path['path'])}"


def _text(path: Mapping[str, Any]) -> str:
    return (
        f"path {int(path['path'])}: net {number(path['net_pnl'])}, Sharpe {number(path['sharpe_ratio'])}<br>"
        f"max drawdown {number(path['max_drawdown'])} %, {counted(path['total_trades'], 'trade')}"
    )
