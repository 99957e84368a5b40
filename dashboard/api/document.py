"""The OpenAPI document of the API: what the routes declare, and what holds for all of them."""

from copy import deepcopy
from typing import Any

from flask import Flask

from dashboard.api.shapes import schema_of
from dashboard.api.stored_shapes import STORED

VERSION = "3.1.0"
_TEXT = (
    "Everything that the dashboard's pages show, as JSON. Times are UTC milliseconds, an undefined number is null, fields may be added. "
    "Send the token of config/.env (DASHBOARD_TOKEN) as 'Authorization: Bearer ...'; a browser that is signed in sends its cookie instead, "
    "and with every request that changes something the page's token as X-CSRF-Token. Long lists come in pages (page, size). "
    "Every answer to a GET has an ETag: If-None-Match with it is answered by 304 while nothing has changed."
)
_NOT_MODIFIED = {"description": "Nothing has changed since the answer whose ETag If-None-Match names."}
_ETAG = {"description": "The state of the answer, for If-None-Match.", "schema": {"type": "string"}}
# What these mean is the same wherever they are asked for.
_MEANINGS = {"sort": "What to sort by.", "order": "asc: rising; desc: falling."}
OPEN_TO_ALL = frozenset({"/api/v1/health"})


def openapi_document(app: Flask) -> dict[str, Any]:
    """Return the document of all routes registered so far."""
    document: dict[str, Any] = deepcopy(app.api_doc)  # type: ignore[attr-defined]  # also where the app comes as Flask's proxy
    document["openapi"] = VERSION
    document["info"] = {"title": "Strategy pipeline", "version": "1", "description": _TEXT}
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({name: schema_of(shape) for name, shape in STORED.items()})
    document["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "DASHBOARD_TOKEN of config/.env"},
    }
    document["security"] = [{"token": []}]
    document["paths"] = dict(sorted(document["paths"].items()))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(path, method, operation)
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add to an operation what holds for all of its kind."""
    if path in OPEN_TO_ALL:
        operation["security"] = []
    for parameter in operation.get("parameters", []):
        if "description" not in parameter and parameter["name"] in _MEANINGS:
            parameter["description"] = _MEANINGS[parameter["name"]]
    responses = operation["responses"]
    success = responses.get("200")
    if method == "get" and success is not None and "application/json" in success.get("content", {}):
        success.setdefault("headers", {})["ETag"] = dict(_ETAG)
        responses["304"] = dict(_NOT_MODIFIED)
        if any(each["name"] == "format" for each in operation.get("parameters", [])):
            success["content"]["text/csv"] = {"schema": {"type": "string"}}
    operation["responses"] = dict(sorted(responses.items()))
    for code, response in responses.items():
        response["description"] = response.get("description") or f"Answer {code}."
