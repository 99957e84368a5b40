"""The rule that calls a winner's surroundings a plateau, a sharp spike, or neither, and the sentences that say so.

What is kept is measured from the objective's neutral value, at which nothing was won or lost: with a winner of 2.0 and a neutral value of
0, a neighbour of 1.5 keeps 75 %. Two groups are judged: the points within two steps, and the ball, which reaches further.

    plateau   in both groups the median keeps at least 80 % and nine of ten points keep at least 50 %
    spike     in either group the median keeps less than 50 %, or half or more of the points have no valid result
    uneven    everything in between
    no_edge   the winner is at the neutral value or below: there is nothing to keep
    undefined there is no winner, or it has no neighbours
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from optimization.neighbourhood.group import Group
from optimization.objectives import Goal

Kind = Literal["plateau", "spike", "uneven", "no_edge", "undefined"]
PLATEAU_KEPT = 0.8
PLATEAU_WORST_KEPT = 0.5
SPIKE_KEPT = 0.5


@dataclass(frozen=True, slots=True)
class Scale:
    """The objective by name, and ``neutral``: its value at which nothing was won or lost."""

    label: str
    neutral: float

    @classmethod
    def of(cls, goal: Goal) -> "Scale":
        """Return the scale of ``goal``; of the user's own objective 0 is taken for neutral, as it is of all but the profit factor."""
        return cls(goal.label, 1.0 if goal.metric == "profit_factor" else 0.0)

    def kept(self, value: float, winner: float) -> float:
        """Return which share of the winner's lead over the neutral value is left at ``value``; nan where there is no lead or no value."""
        if not winner > self.neutral:
            return math.nan
        return 1.0 if value == winner else (value - self.neutral) / (winner - self.neutral)


_CLAIMS: dict[Kind, str] = {
    "plateau": "A plateau: small changes of the parameters keep most of the result.",
    "spike": "A sharp spike: small changes of the parameters lose most of the result. Do not count on it.",
    "uneven": "Neither a plateau nor a spike: small changes of the parameters lose some of the result.",
}


def kind_of(groups: Sequence[Group], winner: float, scale: Scale) -> Kind:
    """Return what the surroundings are called; groups without points do not count."""
    judged = [group for group in groups if group.points]
    if math.isnan(winner) or not judged:
        return "undefined"
    if winner <= scale.neutral:
        return "no_edge"
    middles = [scale.kept(group.median, winner) for group in judged]
    worst = [scale.kept(group.worst_decile, winner) for group in judged]
    if not all(share >= SPIKE_KEPT for share in middles):  # nan: half or more of the points have no valid result
        return "spike"
    flat = all(share >= PLATEAU_KEPT for share in middles) and all(share >= PLATEAU_WORST_KEPT for share in worst)
    return "plateau" if flat else "uneven"


def sentence_of(kind: Kind, named: Sequence[tuple[str, Group]], winner: float, scale: Scale) -> str:
    """Return ``kind`` and what speaks for it in plain words; ``named`` are the groups and what their points are called."""
    word = scale.label.replace("_", " ")
    if kind == "undefined":
        return "No trial was valid, so nothing stands out." if math.isnan(winner) else "There is no other point to compare the winner with."
    if kind == "no_edge":
        return f"The winner's {word} is {winner:,.2f}: it does not earn, so there is no peak to be judged."
    evidence = "; ".join(_evidence(name, group, winner, scale) for name, group in named if group.points)
    return f"{_CLAIMS[kind]} The winner's {word} is {winner:,.2f}; {evidence}."


def _evidence(name: str, group: Group, winner: float, scale: Scale) -> str:
    if math.isnan(group.median):
        return f"half or more of the {group.points} {name} have no valid result"
    text = f"the median of the {group.points} {name} is {group.median:,.2f} ({_kept(scale.kept(group.median, winner))})"
    if math.isnan(group.worst_decile):
        return f"{text}, and more than a tenth of them have no valid result"
    return f"{text}, nine of ten reach {group.worst_decile:,.2f} ({_kept(scale.kept(group.worst_decile, winner))})"


def _kept(share: float) -> str:
    return f"{100 * share:.0f} % kept" if share > 0 else "nothing kept"
