"""A Python example for every operation of the document, made from the document itself."""

import json
from collections.abc import Mapping
from typing import Any

Document = Mapping[str, Any]

_HEAD = """import os

import requests

api = requests.Session()
api.headers["Authorization"] = "Bearer " + os.environ["DASHBOARD_TOKEN"]
"""
_OPEN_HEAD = """import requests

api = requests.Session()
"""
_CALL = """answer = api.{method}({arguments}, timeout=30)
answer.raise_for_status()
"""
_STREAM = """with api.get({arguments}, stream=True, timeout=60) as answer:
    answer.raise_for_status()
    for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
        print(line)
        break  # go on reading for more
"""
_PAGE = """found = answer.json()
print(found["total"], "in all")
for item in found["items"]:
    print(item)
"""
_WHOLE = "print(answer.json())\n"


def python_example(document: Document, path: str, method: str, base: str, values: Mapping[str, str] | None = None) -> str:
    """Return a program that asks for one operation at ``base`` (http://host:port), with ``values`` for the names in its address."""
    operation = document["paths"][path][method]
    arguments = [json.dumps(base + _filled(path, operation, values or {}))]
    asked = {each["name"]: each["example"] for each in operation.get("parameters", []) if each["in"] == "query" and "example" in each}
    if any(each["name"] == "size" for each in operation.get("parameters", [])):
        asked["size"] = 5
    if asked:
        arguments.append(f"params={json.dumps(asked)}")
    body = _body(document, operation)
    head = _OPEN_HEAD if operation.get("security") == [] else _HEAD
    if body is not None:
        arguments.append("json=body")
        head += f"body = {_literal(body)}\n"
    success = next(response for code, response in operation["responses"].items() if code.startswith("2"))
    if "text/event-stream" in success["content"]:
        return head + _STREAM.format(arguments=arguments[0])
    call = _CALL.format(method=method, arguments=", ".join(arguments))
    return head + call + (_PAGE if _is_page(document, success) else _WHOLE)


def _filled(path: str, operation: Document, values: Mapping[str, str]) -> str:
    """Return an address with names in the places of its placeholders."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            name = parameter["name"]
            example = values.get(name, parameter["schema"].get("example", name))
            path = path.replace(f"{{{name}}}", str(example))
    return path


def _body(document: Document, operation: Document) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else resolved(document, content["schema"]).get("example", {})


def _is_page(document: Document, response: Document) -> bool:
    schema = resolved(document, response["content"]["application/json"]["schema"])
    return {"items", "total"} <= set(schema.get("properties", {}))


def resolved(document: Document, schema: Document) -> Document:
    """Return ``schema``, or the one among the document's that it refers to."""
    name = schema.get("$ref", "").removeprefix("#/components/schemas/")
    return document["components"]["schemas"][name] if name else schema


def _literal(value: Any, depth: int = 1) -> str:
    """Return ``value`` as Python writes it, an object with a line for each of its fields."""
    if isinstance(value, Mapping):
        lines = "".join(f"{'    ' * depth}{json.dumps(key)}: {_literal(item, depth + 1)},\n" for key, item in value.items())
        return f"{{\n{lines}{'    ' * (depth - 1)}}}"
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, depth) for item in value)}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)
