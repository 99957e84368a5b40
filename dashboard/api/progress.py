"""How far a run has come."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel

from dashboard.api.answers import json_answer
from dashboard.context import Context
from dashboard.views.progress import progress


class RunPath(BaseModel):
    """A run."""

    run_id: str


def blueprint(context: Context) -> APIBlueprint:
    """Return the route of a run's progress."""
    routes = APIBlueprint("api_progress", __name__)

    @routes.get("/runs/<run_id>/progress")
    def run_progress(path: RunPath) -> Response:
        """The progress of a run."""
        return json_answer(progress(context.index.open(path.run_id)))

    return routes
