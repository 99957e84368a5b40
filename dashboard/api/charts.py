"""The charts of a market, as Plotly figures or as the numbers behind them."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import encoded, json_answer, reading
from dashboard.api.csv_tables import csv_answer
from dashboard.api.errors import MissingError
from dashboard.api.schemas.charts import ChartQuery, FigureAnswer
from dashboard.api.schemas.paths import ChartPath
from dashboard.charts import CHARTS, ChartRequest
from dashboard.charts.tables import TABLES, bearable
from dashboard.context import Context
from dashboard.decimation import Span
from dashboard.delivery.kept_answers import KeptAnswers
from dashboard.figures.points import points_of
from dashboard.reading.files import expecting
from dashboard.reading.runs import state_of

TAG = Tag(name="Charts", description="What the pages draw.")


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the charts."""
    routes = APIBlueprint("api_charts", __name__, abp_tags=[TAG])
    kept = KeptAnswers(context.files)

    @routes.get("/runs/<run_id>/markets/<slug>/charts/<name>", responses=reading(FigureAnswer, 404, 422), provide_automatic_options=False)
    def chart(path: ChartPath, query: ChartQuery) -> Response:
        """A chart of a market: thinned to what a screen shows of the stretch asked for, or as CSV in full."""
        if path.name not in CHARTS:
            raise MissingError(f"there is no such chart: use one of {', '.join(sorted(CHARTS))}.")
        run = context.index.open(path.run_id)
        asked = ChartRequest(run, run.market(path.slug), Span(query.start_ms, query.end_ms), query.source, query.options())
        if query.format == "csv":
            return _csv(path, asked)
        if state_of(run) != "finished":
            return json_answer(CHARTS[path.name](asked))
        key = (path.run_id, path.slug, path.name, asked.span, asked.source, tuple(sorted(asked.options.items())))
        return kept.answer(key, lambda: encoded(CHARTS[path.name](asked)))

    return routes


def _csv(path: ChartPath, asked: ChartRequest) -> Response:
    table = TABLES[path.name](asked) if path.name in TABLES else None
    if table is None:
        drawn = CHARTS[path.name](asked)
        with expecting(f"what the chart {path.name} shows"):
            table = points_of(drawn)
    return csv_answer(bearable(table), f"{path.name}_{path.run_id}_{path.slug}")
