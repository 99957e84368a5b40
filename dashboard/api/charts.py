"""The charts of a market, as Plotly figures."""

from flask import Response, abort
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel

from dashboard.api.answers import json_answer
from dashboard.api.arguments import source_argument, span_argument
from dashboard.charts import CHARTS, ChartRequest
from dashboard.context import Context


class ChartPath(BaseModel):
    """A chart of a market of a run."""

    run_id: str
    slug: str
    name: str


def blueprint(context: Context) -> APIBlueprint:
    """Return the routes of the charts."""
    routes = APIBlueprint("api_charts", __name__)

    @routes.get("/runs/<run_id>/markets/<slug>/charts/<name>")
    def chart(path: ChartPath) -> Response:
        """A chart of a market."""
        if path.name not in CHARTS:
            abort(404)
        run = context.index.open(path.run_id)
        return json_answer(CHARTS[path.name](ChartRequest(run, run.market(path.slug), span_argument(), source_argument())))

    return routes
