"""From the shapes that stored JSON is checked against to the schemas that the API's document states: one truth for both."""

from typing import Any

from reporting.shapes import ListOf, MapOf, Maybe, NullWith, OrNull, RowOf, Shape

_TYPES: dict[type, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    dict: {"type": "object"},
    list: {"type": "array", "items": {}},
    type(None): {"type": "null"},
}


def schema_of(shape: Shape) -> dict[str, Any]:
    """Return the JSON schema of what has ``shape``; that fields go together (``NullWith``) is more than it says."""
    if isinstance(shape, ListOf):
        return {"type": "array", "items": schema_of(shape.item)}
    if isinstance(shape, MapOf):
        return {"type": "object", "additionalProperties": schema_of(shape.value)}
    if isinstance(shape, RowOf):
        parts = [schema_of(part) for part in shape.items]
        return {"type": "array", "prefixItems": parts, "items": {}, "minItems": len(parts), "maxItems": len(parts)}
    if isinstance(shape, OrNull):
        return {"anyOf": [schema_of(shape.shape), {"type": "null"}]}
    if isinstance(shape, Maybe | NullWith):
        return schema_of(shape.shape)
    if isinstance(shape, dict):
        required = [key for key, part in shape.items() if not isinstance(part, Maybe)]
        found: dict[str, Any] = {"type": "object", "properties": {key: schema_of(part) for key, part in shape.items()}}
        return found | ({"required": required} if required else {})
    return _of_types(shape if isinstance(shape, tuple) else (shape,))


def _of_types(types: tuple[type, ...]) -> dict[str, Any]:
    wanted = [each for each in types if not (each is int and float in types)]
    parts = [dict(_TYPES[each]) for each in wanted]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}
