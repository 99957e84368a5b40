"""How far a run has come."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from dashboard.api.answers import json_answer, reading
from dashboard.api.runs import TAG
from dashboard.api.schemas.paths import RunPath
from dashboard.api.schemas.runs import ProgressAnswer
from dashboard.context import Context
from dashboard.views.progress import progress


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of a run's progress."""
    routes = APIBlueprint("api_progress", __name__, abp_tags=[TAG])

    @routes.get("/runs/<run_id>/progress", responses=reading(ProgressAnswer, 404, 422), provide_automatic_options=False)
    def run_progress(path: RunPath) -> Response:
        """How far a run has come: it changes when there is something new to show."""
        return json_answer(progress(context.index.open(path.run_id)))

    return routes
