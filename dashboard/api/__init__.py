"""The REST API, version 1: one file a resource."""

from flask_openapi3.models.path_item import PathItem
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
        known = dict(app.paths)
        app.register_api(resource.blueprint(context), url_prefix=PREFIX)
        _keep_methods(known, app.paths)


def _keep_methods(known: dict[str, PathItem], paths: dict[str, PathItem]) -> None:
    """Put the methods that other resources have at an address beside the new ones: the library forgets them."""
    for path, old in known.items():
        new = paths[path]
        for method in ("get", "post", "put", "patch", "delete"):
            if getattr(new, method) is None and getattr(old, method) is not None:
                setattr(new, method, getattr(old, method))
