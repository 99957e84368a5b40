"""What lies around the winners of stage 7 and which parameters matter, as tables for the terminal."""

import math
from collections.abc import Mapping
from typing import Any

from optimization import OptimizationSummary
from pipeline.tables import TableData, cell

_CALLED = {
    "plateau": "plateau",
    "spike": "warning: sharp spike",
    "uneven": "neither",
    "no_edge": "nothing to keep",
    "undefined": "undefined",
}
_NOTE = (
    "Plateau score: the median objective of all points within two steps of the winner; the ball reaches further. Nine of ten points of "
    "both reach the value stated. Plateau: little is lost in either; spike: most is."
)


def surroundings_tables(summary: OptimizationSummary) -> list[TableData]:
    """Return the tables; none where ``optimization.neighbourhood`` is off."""
    found = {stage: around for stage, result in summary.stages.items() if (around := result.get("neighbourhood")) is not None}
    shares = {stage: importance for stage, result in summary.stages.items() if (importance := result.get("importance")) is not None}
    if not found:
        return []
    heads = ("stage", "called", "winner", "plateau score", "median of the ball", "nine of ten reach", "profitable", "points", "not valid")
    spikes = [f"{stage}: {around['sentence']}" for stage, around in found.items() if around["verdict"] == "spike"]
    return [
        TableData(
            "Around the winners", heads, tuple(_around(stage, each) for stage, each in found.items()), (0, 1), " ".join([_NOTE, *spikes])
        ),
        TableData(
            "Parameter importance",
            ("stage", "share of the objective's variance over the whole grid", "together", "predicted"),
            tuple(_importance(stage, each) for stage, each in shares.items()),
            (0, 1),
        ),
    ]


def _around(stage: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    steps, ball = found["groups"]["steps"], found["groups"]["ball"]
    invalid = sum(count for group in (steps, ball) for state, count in group["states"].items() if state != "complete")
    return (
        stage, _CALLED[found["verdict"]], cell(found["value"], 3), cell(found["plateau_score"], 3), cell(ball["median"], 3),
        cell(_lower(steps["worst_decile"], ball["worst_decile"]), 3), _percent(steps["share_profitable"]),
        cell(steps["points"] + ball["points"]), cell(invalid),
    )  # fmt: skip


def _lower(one: float, other: float) -> float:
    """Return the lower of both, nan when either is."""
    return math.nan if math.isnan(one) or math.isnan(other) else min(one, other)


def _importance(stage: str, found: Mapping[str, Any]) -> tuple[str, ...]:
    known = sorted(((name, share) for name, share in found["shares"].items() if not math.isnan(share)), key=lambda item: -item[1])
    text = ", ".join(f"{name} {_percent(share, 1)}" for name, share in known)
    return stage, text or f"undefined: {found['reason']}", _percent(found["interactions"], 1), _percent(found["explained"])


def _percent(share: float, digits: int = 0) -> str:
    return f"{cell(100 * share, digits)} %" if math.isfinite(share) else cell(share)
