"""Several runs on one chart."""

import polars as pl
from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from dashboard.api.answers import json_answer, reading
from dashboard.api.charts import TAG
from dashboard.api.csv_tables import csv_answer
from dashboard.api.schemas.charts import FigureAnswer
from dashboard.api.schemas.compare import CompareQuery
from dashboard.charts.tables import bearable
from dashboard.context import Context
from dashboard.decimation import Span
from dashboard.figures.compared_equity import compared_equity_figure
from dashboard.reading.files import expecting
from dashboard.views.compare import compared_curves


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the compared equity."""
    routes = APIBlueprint("api_compare", __name__, abp_tags=[TAG])

    @routes.get("/compare/equity", responses=reading(FigureAnswer, 404, 422), provide_automatic_options=False)
    def equity(query: CompareQuery) -> Response:
        """The equity of up to five runs, overlaid: the gain in percent of what each began with."""
        runs = [context.index.open(name) for name in dict.fromkeys(query.run)]
        curves = compared_curves(runs, query.source)
        with expecting("a table of equity"):
            if query.format == "csv":
                return csv_answer(bearable(_long(curves)), f"compared_{query.source}")
            return json_answer(compared_equity_figure(curves, Span(query.start_ms, query.end_ms)))

    return routes


def _long(curves: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Return all curves in one table."""
    parts = [frame.select(pl.lit(label).alias("curve"), pl.all()) for label, frame in curves.items()]
    return pl.concat(parts, how="vertical_relaxed") if parts else pl.DataFrame({"curve": [], "time": [], "equity": [], "drawdown_pct": []})
