"""How far a trial breaks each constraint, as a share of the limit: comparable between percent and trades, and between searches.

Below full fidelity only what is certain counts. A drawdown never shrinks again and bars with a position stay such bars, so a limit that
is broken early is broken at the end; trades may still come, so their number is judged at the end only.
"""

import math

from config import Constraints
from optimization.objectives.metric import MetricValues


def violations(constraints: Constraints, metrics: MetricValues, end: int, bars: int) -> tuple[float, ...]:
    """Return for each limit, in the order of ``constraints.limits``, how far ``metrics`` of bars [0, ``end``) of ``bars`` break it.

    A share of the limit: 0.5 = half as much again as is allowed; 0 or less = kept so far. What is broken
    early is broken at least as far at the end.
    """
    return tuple(_violation(name, limit, metrics, end, bars) for name, limit in constraints.limits.items())


def _violation(name: str, limit: float, metrics: MetricValues, end: int, bars: int) -> float:
    found = reached(name, metrics)
    if name == "min_trades":
        missing = 1.0 - found / limit
        return missing if end >= bars else min(missing, 0.0)
    if name == "max_exposure" and end < bars:
        held = round(found * end / 100.0)  # bars with a position; no other bar of the rest may follow them
        found = 100.0 * held / bars
    return found / limit - 1.0


def reached(name: str, metrics: MetricValues) -> float:
    """Return the figure that the limit called ``name`` is about, in the limit's unit."""
    if name == "max_drawdown":
        return math.fabs(metrics["max_drawdown"])
    return float(metrics["total_trades"] if name == "min_trades" else metrics["exposure"])


def broken(found: tuple[float, ...]) -> float:
    """Return by how much all limits together are broken; 0 = all kept."""
    return math.fsum(value for value in found if value > 0.0)
