"""What the charts of trials show of many trials only in part: all of them, as a table."""

from collections.abc import Callable, Mapping

import polars as pl

from dashboard.charts.request import ChartRequest
from dashboard.charts.search import chosen_search, files_of
from reporting.trial_tables import stacked


def _all_stages(asked: ChartRequest) -> pl.DataFrame | None:
    tables = [asked.run.search(file).trials for file in files_of(asked)]
    return stacked(tables) if tables else None


def _one_stage(asked: ChartRequest) -> pl.DataFrame | None:
    found = chosen_search(asked)
    return None if found is None else found.trials


TABLES: Mapping[str, Callable[[ChartRequest], pl.DataFrame | None]] = {
    "history": _all_stages, "coordinates": _one_stage, "slices": _one_stage, "contour": _one_stage, "pareto": _one_stage,
}  # fmt: skip
