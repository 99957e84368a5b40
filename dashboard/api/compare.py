"""Several runs on one chart."""

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from dashboard.api.answers import json_answer, reading
from dashboard.api.charts import TAG
from dashboard.api.csv_tables import csv_answer
from dashboard.api.schemas.charts import FigureAnswer
from dashboard.api.schemas.compare import CompareQuery
from dashboard.charts.tables import bearable, inside
from dashboard.context import Context
from dashboard.decimation import Span
from dashboard.figures.compared_equity import compared_equity_figure, gain_of
from dashboard.reading.files import expecting
from dashboard.views.compare import compared_curves


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the compared equity."""
    routes = APIBlueprint("api_compare", __name__, abp_tags=[TAG])

    @routes.get("/compare/equity", responses=reading(FigureAnswer, 404, 422), provide_automatic_options=False)
    def equity(query: CompareQuery) -> Response:
        """The equity of up to five runs, overlaid: the gain in percent of what each began with."""
        runs = [context.index.open(name) for name in dict.fromkeys(query.run)]
        found = compared_curves(runs, query.source)
        span = Span(query.start_ms, query.end_ms)
        with expecting("a table of equity"):
            if query.format == "csv":
                for damage in found.damaged.values():  # a table does not say what it lacks
                    raise damage
                return csv_answer(bearable(inside(_long(found.curves), span)), f"compared_{query.source}")
            return json_answer(compared_equity_figure(found.curves, span, tuple(found.damaged)))

    return routes


def _long(curves: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return all curves in one table, the gain in percent that is drawn among its columns."""
    nothing = pl.DataFrame(
        schema={"curve": pl.String, "time": pl.Int64, "equity": pl.Float64, "gain_pct": pl.Float64, "drawdown_pct": pl.Float64}
    )
    parts = [frame.with_columns(curve=pl.lit(label), gain_pct=gain_of(frame)).select(nothing.columns) for label, frame in curves.items()]
    return pl.concat(parts, how="vertical_relaxed") if parts else nothing
