"""The trials of the searches of a market, while their ledgers grow too."""

from collections.abc import Sequence

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.csv_tables import csv_answer
from dashboard.api.paging import page_of_table, sorted_table
from dashboard.api.schemas.paths import MarketPath
from dashboard.api.schemas.trials import TrialsPage, TrialsQuery
from dashboard.context import Context
from reporting.trial_tables import LedgerFile, best_first, stacked

TAG = Tag(name="Search", description="The trials of the searches, stage by stage and window by window.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the trials."""
    routes = APIBlueprint("api_trials", __name__, abp_tags=[TAG])

    @routes.get("/runs/<run_id>/markets/<slug>/trials", responses=reading(TrialsPage, 404, 422), provide_automatic_options=False)
    def trials(path: MarketPath, query: TrialsQuery) -> Response:
        """Trials of one search of a market, filtered and sorted."""
        run = context.index.open(path.run_id)
        files = run.ledgers(run.market(path.slug).slug)
        chosen = _chosen(files, query)
        everything = stacked([]) if chosen is None else run.trial_frame(chosen)
        fitting = everything if query.state is None else everything.filter(pl.col("state") == query.state)
        table = best_first(fitting) if query.sort == "best" else sorted_table(fitting, query.sort, query.order == "desc")
        if query.format == "csv":
            return csv_answer(table, f"trials_{path.run_id}_{path.slug}")
        return json_answer(
            page_of_table(table, query)
            | {
                "shown": None if chosen is None else _search(chosen),
                "searches": [_search(file) for file in files],
                "states": {str(state): int(count) for state, count in everything["state"].value_counts().sort("state").iter_rows()},
            }
        )

    return routes


def _chosen(files: Sequence[LedgerFile], query: TrialsQuery) -> LedgerFile | None:
    fitting = [file for file in files if file.window == query.window and query.stage in (None, file.stage)]
    return fitting[-1] if fitting else None


def _search(file: LedgerFile) -> dict[str, str | int | None]:
    return {"stage": file.stage, "window": file.window}
