"""The document says of every operation what it takes and what it answers, and the page of it shows all of that."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.api.document import openapi_document
from dashboard.api.shapes import schema_of
from reporting.shapes import ListOf, MapOf, Maybe, OrNull, RowOf
from tests.dashboard.conftest import json_of


def test_document_names_every_route_of_the_api_and_no_other(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }  # fmt: skip
    described = {(path, method) for path, methods in openapi_document(app)["paths"].items() for method in methods}
    assert described == routes


def test_every_operation_says_what_it_is_and_how_it_refuses(app: Flask) -> None:
    document = openapi_document(app)
    known = set(document["components"]["schemas"])
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert {"400", "401", "429", "500"} <= set(operation["responses"]), place
            assert ("404" in operation["responses"]) or "{" not in path, place
            assert [each["name"] for each in operation.get("parameters", []) if not each.get("description")] == [], place
    named = set(re.findall(r"#/components/schemas/([\w.-]+)", str(document)))
    assert named <= known


def test_document_is_served_and_its_page_shows_every_operation(client: FlaskClient, app: Flask) -> None:
    document = json_of(client.get("/api/v1/openapi.json"))
    assert document["openapi"].startswith("3.1")
    page = client.get("/reference").text
    for path, methods in document["paths"].items():
        for method in methods:
            assert f"{method.upper()}</span> <code>{path}</code>" in page
    anchors = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors
    assert page.count("import requests") == sum(len(methods) for methods in document["paths"].values())


@pytest.mark.parametrize(("shape", "schema"), [
    (int, {"type": "integer"}),
    ((int, float), {"type": "number"}),
    ((int, float, type(None)), {"anyOf": [{"type": "number"}, {"type": "null"}]}),
    (MapOf(bool), {"type": "object", "additionalProperties": {"type": "boolean"}}),
    (OrNull(str), {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    ({"a": int, "b": Maybe(str)}, {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}, "required": ["a"]}),
    (ListOf(RowOf((int, str))), {"type": "array", "items": {
        "type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {}, "minItems": 2, "maxItems": 2,
    }}),
])  # fmt: skip
def test_shapes_of_stored_files_become_schemas(shape: object, schema: object) -> None:
    assert schema_of(shape) == schema
