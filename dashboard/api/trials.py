"""The trials of the searches of a market, while their ledgers grow too."""

from collections.abc import Sequence

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.csv_tables import csv_answer
from dashboard.api.paging import page_of_table, sortable, sorted_table
from dashboard.api.row_orders import RowOrders
from dashboard.api.schemas.paths import MarketPath
from dashboard.api.schemas.trials import TrialsPage, TrialsQuery
from dashboard.context import Context
from reporting.trial_tables import LedgerFile, best_first, stacked

_BEST = ("value", "fidelity", "score", "stage", "trial")  # what best_first sorts by

TAG = Tag(name="Search", description="The trials of the searches, stage by stage and window by window.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the trials."""
    routes = APIBlueprint("api_trials", __name__, abp_tags=[TAG])
    orders = RowOrders()

    @routes.get("/runs/<run_id>/markets/<slug>/trials", responses=reading(TrialsPage, 404, 422), provide_automatic_options=False)
    def trials(path: MarketPath, query: TrialsQuery) -> Response:
        """Trials of one search of a market, filtered and sorted."""
        run = context.index.open(path.run_id)
        files = run.ledgers(run.market(path.slug).slug)
        chosen = _chosen(files, query)
        everything = stacked([]) if chosen is None else run.trial_frame(chosen)
        question = (path.run_id, path.slug, chosen, query.state, query.sort, query.order)
        order = orders.of(everything, question, lambda table: _order(table, query))
        if query.format == "csv":
            return csv_answer(everything[order], f"trials_{path.run_id}_{path.slug}")
        return json_answer(
            page_of_table(everything, query, order=order)
            | {
                "shown": None if chosen is None else _search(chosen),
                "searches": [_search(file) for file in files],
                "states": {str(state): int(count) for state, count in everything["state"].value_counts().sort("state").iter_rows()},
            }
        )

    return routes


def _order(trials: pl.DataFrame, query: TrialsQuery) -> pl.Series:
    """Return the numbers of the rows that fit, in the order asked for; only the columns that this takes are looked at."""
    best = query.sort == "best"
    columns = _BEST if best else (sortable(trials, query.sort),)
    rows = trials.select(*columns, state_="state").with_row_index("row_")
    if query.state is not None:
        rows = rows.filter(pl.col("state_") == query.state)
    return (best_first(rows) if best else sorted_table(rows, query.sort, query.order == "desc"))["row_"]


def _chosen(files: Sequence[LedgerFile], query: TrialsQuery) -> LedgerFile | None:
    fitting = [file for file in files if file.window == query.window and query.stage in (None, file.stage)]
    return fitting[-1] if fitting else None


def _search(file: LedgerFile) -> dict[str, str | int | None]:
    return {"stage": file.stage, "window": file.window}
