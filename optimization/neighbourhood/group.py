"""What a group of points around a winner comes to: its middle, its worst tenth, how much of it earns."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from optimization.neighbourhood.survey import Reading
from optimization.objectives.plateau import median
from optimization.trial_record import STATES


@dataclass(frozen=True, slots=True)
class Group:
    """Figures over all ``points``; those without a valid result (too few trades, ruin, ...) are in it and rank below all others.

    ``states`` counts points by trial state. ``median`` and ``worst_decile`` (the value that nine of ten points reach) are in the
    objective's unit, nan where they fall on points without a valid result or there is no point. ``share_profitable`` is the share of all
    points that are valid and end with a profit, ``share_better`` the share that beats the winner; nan without points.
    """

    points: int
    states: dict[str, int]
    median: float
    worst_decile: float
    best: float
    share_profitable: float
    share_better: float

    def as_dict(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self)


def group_of(readings: Sequence[Reading], winner: float) -> Group:
    """Return the figures of ``readings`` around a winner whose objective is ``winner``."""
    values = [reading.value for reading in readings]
    ranked = sorted(-math.inf if math.isnan(value) else value for value in values)
    names = [reading.state for reading in readings]
    return Group(
        points=len(readings),
        states={state: names.count(state) for state in STATES if state in names},
        median=median(values),
        worst_decile=_defined(ranked[len(ranked) // 10]) if ranked else math.nan,
        best=_defined(ranked[-1]) if ranked else math.nan,
        share_profitable=_share(readings, [reading.valid and reading.net_pnl > 0 for reading in readings]),
        share_better=_share(readings, [reading.valid and reading.value > winner for reading in readings]),
    )


def _defined(value: float) -> float:
    return value if math.isfinite(value) else math.nan


def _share(readings: Sequence[Reading], true: Sequence[bool]) -> float:
    return sum(true) / len(readings) if readings else math.nan
