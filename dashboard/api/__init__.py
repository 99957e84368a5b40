"""The REST API, version 1: one file a resource."""

from flask_openapi3.openapi import OpenAPI

from dashboard.api import charts, progress, trades, trials
from dashboard.context import Context

PREFIX = "/api/v1"
RESOURCES = (charts, progress, trades, trials)


def register_api(app: OpenAPI, context: Context) -> None:
    """Put all resources on ``app`` under ``/api/v1``."""
    for resource in RESOURCES:
        app.register_api(resource.blueprint(context), url_prefix=PREFIX)
