"""The document of the API."""

from typing import Any

from flask import Flask, Response, current_app
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict

from dashboard.api.answers import json_answer, reading
from dashboard.api.document import openapi_document
from dashboard.api.schemas.base import Answer
from dashboard.context import Context

TAG = Tag(name="Document", description="The description of this API.")


class DocumentAnswer(Answer):
    """An OpenAPI document."""

    model_config = ConfigDict(extra="allow")

    openapi: str
    info: dict[str, object]
    paths: dict[str, object]


def blueprint(_context: Context) -> APIBlueprint:
    """Return the route of the document."""
    routes = APIBlueprint("api_document", __name__, abp_tags=[TAG])

    @routes.get("/openapi.json", responses=reading(DocumentAnswer), provide_automatic_options=False)
    def document() -> Response:
        """This API as an OpenAPI 3.1 document."""
        return json_answer(document_of(current_app))

    return routes


def document_of(app: Flask) -> dict[str, Any]:
    """Return the document of ``app``, made at the first question."""
    kept: dict[str, Any] | None = app.extensions.get("api_document")
    if kept is None:
        kept = app.extensions["api_document"] = openapi_document(app)
    return kept
