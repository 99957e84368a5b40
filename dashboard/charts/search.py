"""The charts of the search page."""

from collections.abc import Callable, Mapping
from typing import Any

from config.objectives import objective_label
from dashboard.charts.request import ChartRequest
from dashboard.figures.base import Figure
from dashboard.figures.optimization_history import optimization_figure
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import SEARCH_STAGES


def _optimization(asked: ChartRequest) -> Figure:
    stages = {stage: asked.run.trials(asked.market.slug, stage) for stage in SEARCH_STAGES}
    begun = {stage: trials for stage, trials in stages.items() if trials}
    objective = _objective_label(asked.setting("optimization", "objective")) if begun else ""
    with expecting("a trial ledger"):
        return optimization_figure(begun, objective)


def _objective_label(setting: Any) -> str:
    """Return the objective whose value a trial's score is: the only one, or the first of several."""
    return objective_label(setting if isinstance(setting, str) else str(setting[0]))


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {"optimization": _optimization}
