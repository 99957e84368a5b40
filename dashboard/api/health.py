"""Whether the dashboard is there: the one resource that needs no signing in."""

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from dashboard.api.answers import json_answer, reading
from dashboard.api.schemas.catalogue import HealthAnswer
from dashboard.context import Context

TAG = Tag(name="Health", description="Whether the dashboard answers.")


def blueprint(_context: Context) -> APIBlueprint:
    """Return the route of the sign of life."""
    routes = APIBlueprint("api_health", __name__, abp_tags=[TAG])

    @routes.get("/health", responses=reading(HealthAnswer), provide_automatic_options=False)
    def health() -> Response:
        """A sign of life, for whoever asks."""
        return json_answer({"status": "ok", "api": "v1"})

    return routes
