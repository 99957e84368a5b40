"""The trials of one search, the best first."""

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint

from dashboard.api.answers import json_answer
from dashboard.api.arguments import one_of, whole_number
from dashboard.api.trades import MarketPath
from dashboard.context import Context
from dashboard.reading.run_reader import SEARCH_STAGES
from dashboard.views.trial_table import TrialsQuery, trial_table


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of the trials."""
    routes = APIBlueprint("api_trials", __name__)

    @routes.get("/runs/<run_id>/markets/<slug>/trials")
    def trials(path: MarketPath) -> Response:
        """The best trials of one search."""
        run = context.index.open(path.run_id)
        stage = one_of("stage", SEARCH_STAGES) if "stage" in request.args else None
        query = TrialsQuery(stage, whole_number("window", 0, 2**31), whole_number("top", 1, 1000) or 20)
        return json_answer(trial_table(run, run.market(path.slug).slug, query))

    return routes
