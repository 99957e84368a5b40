"""What an objective's name stands for: one number out of a backtest's metrics, taken over the whole run or in a robust form."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from config.objectives import FORMS, is_own, objective_label

# Setting -> the metric of that name. All of them are better when higher; an undefined one is nan.
OBJECTIVE_METRICS: Mapping[str, str] = {
    "sharpe": "sharpe_ratio",
    "sortino": "sortino_ratio",
    "calmar": "calmar_ratio",
    "profit_factor": "profit_factor",
    "net_pnl": "net_pnl",
    "expectancy": "expectancy",
}

MetricValues = Mapping[str, float | int | bool]
Form = Literal["whole", "quartile", "plateau", "own"]


@dataclass(frozen=True, slots=True)
class Goal:
    """One objective: its ``name`` in the settings, its ``form``, and the ``metric`` that it is made of ("" for the user's own)."""

    name: str
    form: Form
    metric: str

    @classmethod
    def of(cls, name: str) -> "Goal":
        """Return the objective called ``name``; KeyError for a name that the settings do not know."""
        if is_own(name):
            return cls(name, "own", "")
        form = next((form for form in FORMS if name.endswith(f"_{form}")), None)
        if form is None:
            return cls(name, "whole", OBJECTIVE_METRICS[name])
        kind: Form = "quartile" if form == "quartile" else "plateau"
        return cls(name, kind, OBJECTIVE_METRICS[name.removesuffix(f"_{form}")])

    @property
    def label(self) -> str:
        """The name to show and to store."""
        return objective_label(self.name)

    @property
    def figure(self) -> str:
        """Where the outcome of a trial has it: the metric itself, else a figure of its own beside the metrics."""
        return self.metric if self.form == "whole" else self.name


def figures_of(names: Iterable[str], form: Form) -> dict[str, str]:
    """Return figure -> metric of the objectives called ``names`` that have ``form``."""
    return {goal.figure: goal.metric for goal in map(Goal.of, names) if goal.form == form}


def finite(value: float) -> float:
    """Return ``value``, nan when it is not finite: what is not finite is undefined."""
    return value if math.isfinite(value) else math.nan


def objective_value(metrics: MetricValues, objective: str) -> float:
    """Return the value of ``objective``, no file of the user's, nan when it is undefined for these metrics."""
    return finite(float(metrics[Goal.of(objective).figure]))
