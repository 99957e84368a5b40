"""The part of the report about what lies around each stage's winner and which parameters matter; absent where it was not looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

Figure = dict[str, Any]

RULE = (
    "Every point within two steps of the winner and a ball of points around it were simulated on all bars. What a point keeps is its "
    "objective as a share of the winner's (of a profit factor what is above 1). Plateau: the median keeps at least 80 % and nine of ten "
    "points at least 50 %, in both groups. Spike: in either group the median keeps less than 50 %, or half of the points have no valid "
    "result. Points without a valid result (too few trades, ruin, no value) count as the worst. All of this is in sample: a plateau is no "
    "proof, a spike is a warning."
)
_VERDICTS = {
    "plateau": "plateau",
    "spike": "sharp spike",
    "uneven": "neither",
    "no_edge": "nothing to keep",
    "undefined": "undefined",
}
_GROUPS = {"steps": "within two steps", "ball": "ball around it", "space": "whole grid"}


def surroundings(optimization: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the template shows, None when no stage was looked at."""
    stages = list(_studied(optimization))
    if not stages:
        return None
    return {
        "rule": RULE,
        "stages": [_stage_context(stage, result["neighbourhood"]) for stage, result in stages],
        "importance": [_importance_context(stage, result["importance"]) for stage, result in stages],
    }


def map_figures(optimization: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the heat maps by name, ``map-STAGE-NUMBER``."""
    return {
        f"map-{stage}-{number}": _map_figure(found, result["neighbourhood"], result["best_params"])
        for stage, result in _studied(optimization)
        for number, found in enumerate(result["neighbourhood"]["maps"])
    }


def _studied(optimization: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for stage, result in optimization["stages"].items():
        if result.get("neighbourhood") and result.get("importance"):
            yield stage, result


def _stage_context(stage: str, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "stage": stage,
        "verdict": _VERDICTS.get(found["verdict"], found["verdict"]),
        "kind": {"plateau": "pass", "spike": "fail"}.get(found["verdict"], ""),
        "sentence": found["sentence"],
        "remarks": _remarks(found),
        "rows": [_group_row(name, found["groups"][name], found["value"]) for name in _GROUPS if found["groups"][name]["points"]],
        "maps": [f"map-{stage}-{number}" for number in range(len(found["maps"]))],
    }


def _remarks(found: Mapping[str, Any]) -> list[str]:
    remarks = []
    if not found["on_grid"]:
        remarks.append("The winner is the base, which is no point of the grid; the grid point next to it stands in the middle.")
    if found["at_border"]:
        remarks.append(f"At the end of its range: {', '.join(found['at_border'])}. What lies beyond was not tried.")
    return remarks


def _group_row(name: str, group: Mapping[str, Any], winner: float | None) -> list[str]:
    """Return the cells: name, points, without result, median, nine of ten reach, best, the winner above the median, profitable, better."""
    invalid = {state: count for state, count in group["states"].items() if state != "complete"}
    median = group["median"]
    return [
        _GROUPS[name],
        f"{group['points']:,}",
        ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in invalid.items()) or "none",
        _number(median),
        _number(group["worst_decile"]),
        _number(group["best"]),
        _number(None if winner is None or median is None else winner - median),
        _percent(group["share_profitable"]),
        _percent(group["share_better"]),
    ]


def _importance_context(stage: str, found: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: share for name, share in found["shares"].items() if share is not None}
    shares = sorted(known.items(), key=lambda item: -item[1]) + [(name, None) for name in found["shares"] if name not in known]
    return {
        "stage": stage,
        "reason": found["reason"],
        "rows": [(name, _percent(share, 1)) for name, share in shares],
        "interactions": _percent(found["interactions"], 1),
        "explained": _percent(found["explained"]),
        "points": f"{found['points']:,}",
        "trials": f"{found['trials']:,}",
    }


def _map_figure(found: Mapping[str, Any], around: Mapping[str, Any], best: Mapping[str, Any]) -> Figure:
    """Return one heat map; the colours reach from the neutral value to the winner's, so that a plateau looks flat."""
    names = {axis: found[axis] for axis in ("x", "y")}
    labels = {axis: [label(value) for value in found[f"{axis}_values"]] for axis in names}
    heat: Figure = {
        "type": "heatmap",
        **labels,
        "z": found["values"],
        "colorscale": [[0, "#f59e0b"], [0.5, "#e5e7eb"], [1, "#3b82f6"]],
        "hovertemplate": f"{_safe(names['x'])} %{{x}}, {_safe(names['y'])} %{{y}}: %{{z:.4g}}<extra></extra>",
        "colorbar": {"title": {"text": _safe(around["objective"].replace("_", " "))}, "thickness": 12},
        "hoverongaps": False,
    }
    if around["value"] is not None and around["value"] > around["neutral"]:
        heat |= {"zmin": around["neutral"], "zmax": around["value"]}
    mark = {
        "type": "scatter", "mode": "markers", "x": [label(best[names["x"]])], "y": [label(best[names["y"]])], "hoverinfo": "skip",
        "marker": {"symbol": "x-thin", "size": 12, "line": {"width": 2.5, "color": "#1f2937"}}, "showlegend": False,
    }  # fmt: skip
    layout = {axis + "axis": {"type": "category", "title": {"text": _safe(name)}} for axis, name in names.items()}
    return {"data": [heat, mark] if around["on_grid"] else [heat], "layout": layout | {"height": 300}}


def label(value: Any) -> str:
    """Return a parameter's value as an axis shows it."""
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:.6g}"


def _safe(text: str) -> str:
    """Return text that Plotly does not take for markup or a template."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def _number(value: float | None) -> str:
    return "n/a" if value is None else f"{value:z,.2f}"


def _percent(share: float | None, digits: int = 0) -> str:
    return "n/a" if share is None else f"{100 * share:.{digits}f} %"
