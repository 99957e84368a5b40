"""The REST API, version 1: one file a resource."""

from flask_openapi3.openapi import OpenAPI

from dashboard.api import (
    charts,
    compare,
    equity,
    events,
    exchanges,
    hardware,
    health,
    jobs,
    logs,
    market_files,
    openapi,
    progress,
    run_changes,
    runs,
    stories,
    strategies,
    trades,
    trials,
)
from dashboard.context import Context

PREFIX = "/api/v1"
RESOURCES = (
    health,
    hardware,
    logs,
    exchanges,
    strategies,
    runs,
    run_changes,
    progress,
    trades,
    stories,
    equity,
    trials,
    market_files,
    charts,
    compare,
    jobs,
    events,
    openapi,
)


def register_api(app: OpenAPI, context: Context) -> None:
    """Put all resources on ``app`` under ``/api/v1``."""
    for resource in RESOURCES:
        app.register_api(resource.blueprint(context), url_prefix=PREFIX)
