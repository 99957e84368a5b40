"""The charts of the search page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from config.objectives import objective_label
from core.errors import ConfigError
from core.suggest import did_you_mean
from dashboard.charts.request import ChartRequest
from dashboard.charts.search_choice import SearchChoice
from dashboard.figures.base import Figure, empty
from dashboard.figures.fidelity_ladder import fidelity_figure, levels_of
from dashboard.figures.parallel_coordinates import coordinates_figure
from dashboard.figures.parameter_importance import importance_figure
from dashboard.figures.parameter_slices import slices_figure
from dashboard.figures.pareto_front import pareto_figure
from dashboard.figures.plateau_maps import plateau_figure
from dashboard.figures.trial_contour import contour_figure
from dashboard.figures.trial_history import history_figure
from dashboard.figures.trial_points import params_of
from dashboard.reading.files import expecting
from dashboard.reading.run_reader import SEARCH_STAGES
from reporting.trial_tables import PARAM, LedgerFile

_NONE_YET = "No trials yet: stage 7 writes one line per trial as it searches."


@dataclass(frozen=True, slots=True)
class ChosenSearch:
    """One search: what was asked, its settings, its trials so far, its objectives, and its part of optimization.json once that is there."""

    choice: SearchChoice
    study: dict[str, Any]
    trials: pl.DataFrame
    objectives: tuple[str, ...]
    result: dict[str, Any] | None

    @property
    def objective(self) -> str:
        """The objective whose value a trial's score is: the only one, or the first of several."""
        return self.objectives[0]


def files_of(asked: ChartRequest) -> list[LedgerFile]:
    """Return the searches of the window that is asked for, in the order of their stages."""
    window = SearchChoice.of(asked.options).window
    return [file for file in asked.run.ledgers(asked.market.slug) if file.window == window and file.stage in SEARCH_STAGES]


def chosen_search(asked: ChartRequest) -> ChosenSearch | None:
    """Return the search that is asked for, the last to begin where no stage is named; None before it has begun."""
    choice = SearchChoice.of(asked.options)
    fitting = [file for file in files_of(asked) if choice.stage in (None, file.stage)]
    if not fitting:
        return None
    table = asked.run.search(fitting[-1])
    return ChosenSearch(choice, table.study, table.trials, _objectives(asked), _result(asked, fitting[-1]))


def _result(asked: ChartRequest, file: LedgerFile) -> dict[str, Any] | None:
    published = asked.run.market_json("optimize", asked.market.slug, "optimization.json") if file.window is None else None
    with expecting("optimization.json"):
        found: dict[str, Any] | None = (published or {"stages": {}})["stages"].get(file.stage)
        return found


def _objectives(asked: ChartRequest) -> tuple[str, ...]:
    setting = asked.setting("optimization", "objective")
    with expecting("strategy.json"):
        return tuple(objective_label(str(name)) for name in ([setting] if isinstance(setting, str) else setting))


def _history(asked: ChartRequest) -> Figure:
    stages = {file.stage: asked.run.search(file).trials for file in files_of(asked)}
    with expecting("a trial ledger"):
        return history_figure(stages, _objectives(asked)[0] if stages else "")


def _of_search(draw: Callable[[ChosenSearch], Figure]) -> Callable[[ChartRequest], Figure]:
    """Return the chart that ``draw`` makes of the search asked for; before that has begun it says so."""

    def chart(asked: ChartRequest) -> Figure:
        found = chosen_search(asked)
        if found is None:
            return empty(_NONE_YET)
        with expecting("a trial ledger or optimization.json"):
            return draw(found)

    return chart


def _contour(found: ChosenSearch) -> Figure:
    names, wanted = ranked_params(found), found.choice
    if len(names) < 2:
        return empty("It takes two searched parameters with several values to draw a map.")
    x = _known("x", wanted.x, names) or next(name for name in names if name != wanted.y)
    y = _known("y", wanted.y, names) or next(name for name in names if name != x)
    if x == y:
        return empty(f"Both sides of the map are {x}: choose another parameter for one of them.")
    return contour_figure(found.trials, x, y, found.objective)


def ranked_params(found: ChosenSearch) -> list[str]:
    """Return the parameters that vary among the trials, the most important first where that is known, and before all others those that
    vary among the complete ones: only of these a map can be drawn.
    """
    shares = ((found.result or {}).get("importance") or {}).get("shares") or {}
    names = [name for name in params_of(found.trials) if found.trials[PARAM + name].n_unique() > 1]
    complete = found.trials.filter(pl.col("value").is_not_null())
    return sorted(names, key=lambda name: (complete[PARAM + name].drop_nulls().n_unique() < 2, -(shares.get(name) or 0.0)))


def _pareto(found: ChosenSearch) -> Figure:
    names, wanted = list(found.objectives), found.choice
    across = names.index(_known("x", wanted.x, names) or names[0])
    upright = names.index(_known("y", wanted.y, names) or names[-1 if across == 0 else 0])
    return pareto_figure(found.trials, names, found.result, across, upright)


def _known(axis: str, name: str | None, names: Sequence[str]) -> str | None:
    if name is not None and name not in names:
        raise ConfigError(f"{axis} = '{name[:60]}' is not among {', '.join(names)}.{did_you_mean(name[:60], names)}")
    return name


CHARTS: Mapping[str, Callable[[ChartRequest], Figure]] = {
    "history": _history,
    "coordinates": _of_search(lambda found: coordinates_figure(found.trials, found.objective)),
    "importance": _of_search(lambda found: importance_figure((found.result or {}).get("importance"))),
    "slices": _of_search(lambda found: slices_figure(found.trials, found.objective, found.choice.columns)),
    "contour": _of_search(_contour),
    "plateau": _of_search(lambda found: plateau_figure(found.result, found.choice.columns)),
    "pareto": _of_search(_pareto),
    "fidelity": _of_search(lambda found: fidelity_figure(found.trials, levels_of(found.study), min(2, found.choice.columns))),
}
