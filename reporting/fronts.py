"""The part of the report about several objectives and constraints: each stage's Pareto front and knee, and which limits were broken."""

from collections.abc import Mapping, Sequence
from typing import Any

# A front of hundreds is no more readable than one of these many; optimization.json has all of it.
_SHOWN = 25
_LIMITS = {"max_drawdown": ("max drawdown", " %"), "min_trades": ("fewest trades", ""), "max_exposure": ("max exposure", " %")}


def aims(optimization: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the template shows, None where every stage had one objective, no constraint and a winner."""
    stages = optimization["stages"]
    found: dict[str, Any] = {
        "fronts": [_front(stage, result["pareto"]) for stage, result in stages.items() if result.get("pareto")],
        "limits": [row for stage, result in stages.items() for row in _limit_rows(stage, result.get("constraints") or {})],
        "advice": [(stage, result["advice"]) for stage, result in stages.items() if result.get("advice")],
    }
    return found if any(found.values()) else None


def _front(stage: str, pareto: Mapping[str, Any]) -> dict[str, Any]:
    members: Sequence[Mapping[str, Any]] = pareto["front"]
    shown = [each for place, each in enumerate(members) if place < _SHOWN or each["trial"] == pareto["knee"]]
    return {
        "stage": stage,
        "objectives": pareto["objectives"],
        "rows": [
            {
                "trial": each["trial"],
                "knee": each["trial"] == pareto["knee"],
                "values": [f"{value:,.3f}" for value in each["values"]],
                "params": ", ".join(f"{name} {_short(value)}" for name, value in each["params"].items()),
            }
            for each in shown
        ],
        "left": len(members) - len(shown),
        "explanation": pareto["explanation"],
    }


def _limit_rows(stage: str, constraints: Mapping[str, Mapping[str, Any]]) -> list[list[str]]:
    rows = []
    for name, each in constraints.items():
        label, unit = _LIMITS[name]
        closest = "n/a" if each["closest"] is None else f"{each['closest']:,.4g}{unit}"
        rows.append([stage, label, f"{each['limit']:g}{unit}", f"{each['broken']} of {each['judged']}", closest])
    return rows


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
