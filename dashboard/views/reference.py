"""The API's document as its page shows it: operations by subject, each with what it takes, what it answers, and an example."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.api.examples import python_example

Document = Mapping[str, Any]
_REF = "#/components/schemas/"
_BOUNDS = {"minimum": "from", "maximum": "to", "exclusiveMinimum": "above", "maxLength": "at most", "minLength": "at least"}
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: words, and the schema they speak of where there is one on the page."""

    text: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: Kind
    place: str
    needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One of the answers of an operation."""

    status: str
    text: str
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; ``anchor`` names it in the page's address."""

    anchor: str
    method: str
    path: str
    title: str
    text: str
    fields: tuple[Field, ...]
    replies: tuple[Reply, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Operations that belong together."""

    name: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """What an answer or a body holds."""

    name: str
    text: str
    fields: tuple[Field, ...]


def subjects(document: Document, base: str) -> tuple[Subject, ...]:
    """Return the operations of ``document`` by their subjects, with examples that ask at ``base``."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                found.setdefault(methods[method]["tags"][0], []).append(_operation(document, path, method, base))
    texts = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    return tuple(Subject(name, texts.get(name, ""), tuple(operations)) for name, operations in sorted(found.items()))


def schemas(document: Document) -> tuple[Schema, ...]:
    """Return what answers and bodies hold, by name."""
    listed = document["components"]["schemas"]
    return tuple(Schema(name, str(schema.get("description", "")), tuple(_fields(schema))) for name, schema in sorted(listed.items()))


def _operation(document: Document, path: str, method: str, base: str) -> Operation:
    operation = document["paths"][path][method]
    replies = tuple(
        Reply(status, reply["description"], tuple(_content(reply.get("content", {})))) for status, reply in operation["responses"].items()
    )
    return Operation(
        anchor=f"{method}{path.removeprefix('/api/v1').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        title=operation.get("summary", path),
        text=operation.get("description", ""),
        fields=(*_parameters(operation), *_body(operation)),
        replies=replies,
        example=python_example(document, path, method, base),
    )


def _content(content: Document) -> Iterator[Kind]:
    for kind, each in content.items():
        yield _kind(each.get("schema", {})) if kind == "application/json" else Kind(kind)


def _parameters(operation: Document) -> Iterator[Field]:
    for each in operation.get("parameters", []):
        yield Field(each["name"], _kind(_given(each["schema"])), each["in"], bool(each.get("required")), str(each.get("description", "")))


def _given(schema: Document) -> Document:
    """Return the schema of a parameter that is there: that it may be left out is said otherwise."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    return kinds[0] if len(kinds) == 1 else schema


def _body(operation: Document) -> Iterator[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    for kind, each in content.items():
        yield Field("body", _kind(each["schema"]), kind, True, "")


def _fields(schema: Document) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, each in schema.get("properties", {}).items():
        yield Field(name, _kind(each), "", name in needed, str(each.get("description", "")))


def _kind(schema: Document) -> Kind:
    """Return a schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REF)
        return Kind(name, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            kinds = [_kind(each) for each in schema[choice]]
            named = next((kind.schema for kind in kinds if kind.schema), "")
            return Kind(" or ".join(dict.fromkeys(kind.text for kind in kinds)), named)
    if "enum" in schema or "const" in schema:
        return Kind(" or ".join(f'"{value}"' if value != "" else "empty" for value in schema.get("enum", [schema.get("const")])))
    if schema.get("type") == "array":
        inner = _kind(schema.get("items") or {})
        return Kind(f"list of {inner.text}", inner.schema)
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        inner = _kind(schema["additionalProperties"])
        return Kind(f"object of {inner.text}", inner.schema)
    bounds = [f"{words} {_number(schema[name])}" for name, words in _BOUNDS.items() if isinstance(schema.get(name), int | float)]
    unit = ["characters"] if "maxLength" in schema or "minLength" in schema else []
    return Kind(" ".join([str(schema.get("type", "anything")), *bounds, *unit]))


def _number(bound: float) -> str:
    return f"{int(bound):,}" if float(bound).is_integer() else str(bound)
