"""The winner's neighbourhood as stage 7 simulated it: the objective on a small grid around the winner, for pairs of parameters."""

from collections.abc import Mapping
from typing import Any

from dashboard.figures.base import Figure, Trace, empty, figure, plain_text
from dashboard.figures.subplots import Cell, Grid
from dashboard.formatting import compact, words

# So light that numbers on it can be read.
_SCALE = [[0, "@raised"], [1, "@c-sky"]]


def plateau_figure(result: Mapping[str, Any] | None, columns: int) -> Figure:
    """Return the maps of a finished stage, a small plot for each pair; ``result`` is the stage's part of optimization.json."""
    around = (result or {}).get("neighbourhood")
    if result is None or around is None:
        return empty("The surroundings of the winner are looked at when the search is over, where optimization.neighbourhood is on.")
    maps = around["maps"]
    if not maps:
        return empty(f"No map: {around['sentence']}" if around["sentence"] else "No map: nothing lies beside the winner.")
    grid = Grid(len(maps), min(columns, len(maps)), cell=230)
    data, layout = list[Trace](), dict[str, Any]()
    for cell, found in zip(grid.cells(), maps, strict=True):
        data += _map(found, around, result["best_params"], cell)
        layout |= cell.axes({"type": "category", "showgrid": False, "nticks": 9}, {"type": "category", "showgrid": False})
    headings = [cell.title(f"{found['x']} across, {found['y']} upright") for cell, found in zip(grid.cells(), maps, strict=True)]
    return figure(data, layout | grid.layout() | {"annotations": headings}, note=_note(around), maps=len(maps))


def _map(found: Mapping[str, Any], around: Mapping[str, Any], best: Mapping[str, Any], cell: Cell) -> list[Trace]:
    at = {"xaxis": cell.x, "yaxis": cell.y}
    x, y = plain_text(found["x"]), plain_text(found["y"])
    heat: Trace = {
        "type": "heatmap", "name": f"{x} across, {y} upright",
        "x": [compact(value) for value in found["x_values"]], "y": [compact(value) for value in found["y_values"]],
        "z": found["values"], "colorscale": _SCALE, "hoverongaps": False, "showscale": False, "xgap": 1, "ygap": 1,
        "texttemplate": "%{z:.3~g}", "textfont": {"size": 10},
        "hovertemplate": f"{x} %{{x}}, {y} %{{y}}: %{{z:.4~g}}<extra></extra>",
    }  # fmt: skip
    low, high = _range(around)
    heat |= {} if low is None else {"zmin": low, "zmax": high}
    mark = {
        "type": "scatter", "mode": "markers", "name": "Winner", "x": [compact(best[found["x"]])], "y": [compact(best[found["y"]])],
        "marker": {"symbol": "star", "size": 14, "color": "@c-green", "line": {"width": 1.2, "color": "@panel"}},
        "showlegend": cell.number == 1, "hovertemplate": "the winner<extra></extra>",
    }  # fmt: skip
    return [heat | at, mark | at] if around["on_grid"] else [heat | at]


def _range(around: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the ends of the colours: from the neutral value to the winner's, so that a plateau looks flat; None where there is no lead."""
    value, neutral = around["value"], around["neutral"]
    return (neutral, value) if value is not None and value > neutral else (None, None)


def _note(around: Mapping[str, Any]) -> str:
    border = f" At the end of its range: {', '.join(around['at_border'])}; what lies beyond was not tried." if around["at_border"] else ""
    off = "" if around["on_grid"] else " The winner lies between grid points; the one next to it stands in the middle."
    word = words(around["objective"]).lower()
    cells = f"In the cells: {word}, in sample; star: the winner; no colour: no valid result."
    return f"{around['sentence']}{border}{off} {cells}"
