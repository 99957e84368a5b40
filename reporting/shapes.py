"""Shapes of JSON as data, and the check of a content against one.

A shape is a type or a tuple of types for a value, a dict with the keys that must be there (more may be, and those of ``Maybe`` need not),
or ``ListOf`` and ``MapOf`` for repeated ones, ``RowOf`` for a list of so many, ``OrNull`` for what may be null, and
``NullWith`` for what may be so only where something else is.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import CorruptFileError

NUMBER = (int, float)
MAYBE_NUMBER = (int, float, type(None))
Shape = Any


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list whose items all have one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with any keys whose values all have one shape."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Maybe:
    """A key that may be missing; where it is there, its value has one shape."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class RowOf:
    """A list with one item of each of these shapes."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class OrNull:
    """Null, or a value of one shape."""

    shape: Shape


@dataclass(frozen=True, slots=True)
class NullWith:
    """An object of one shape whose ``fields`` may be null only where its field ``key`` is."""

    shape: Shape
    key: str
    fields: tuple[str, ...]


def require_shape(content: Any, shape: Shape, path: Path) -> None:
    """Raise CorruptFileError naming ``path`` and the first place where ``content`` does not have ``shape``."""
    problem = _mismatch(content, shape, "")
    if problem:
        raise CorruptFileError(f"{path} is not what was written: {problem}. Remove it and resume: the stage that wrote it runs again.")


def _mismatch(content: Any, shape: Shape, place: str) -> str | None:
    """Return the first difference in words, None when there is none."""
    if isinstance(shape, ListOf):
        if not isinstance(content, list):
            return _expected(place, "a list", content)
        return _first(_mismatch(item, shape.item, f"{place}[{i}]") for i, item in enumerate(content))
    if isinstance(shape, MapOf):
        if not isinstance(content, dict):
            return _expected(place, "an object", content)
        return _first(_mismatch(item, shape.value, f"{place}.{key}") for key, item in content.items())
    if isinstance(shape, RowOf):
        if not isinstance(content, list) or len(content) != len(shape.items):
            return _expected(place, f"a list of {len(shape.items)}", content)
        return _first(_mismatch(item, part, f"{place}[{i}]") for i, (item, part) in enumerate(zip(content, shape.items, strict=True)))
    if isinstance(shape, OrNull) and content is None:
        return None
    if isinstance(shape, NullWith):
        return _mismatch(content, shape.shape, place) or _first(
            f"{place.lstrip('.')}.{name} is null beside a {shape.key}" for name in shape.fields
            if content[name] is None and content[shape.key] is not None
        )  # fmt: skip
    if isinstance(shape, Maybe | OrNull):
        return _mismatch(content, shape.shape, place)
    if isinstance(shape, dict):
        if not isinstance(content, dict):
            return _expected(place, "an object", content)
        missing = next((key for key, part in shape.items() if key not in content and not isinstance(part, Maybe)), None)
        if missing is not None:
            return f"{place.lstrip('.') or 'the file'} has no '{missing}'"
        return _first(_mismatch(content[key], part, f"{place}.{key}") for key, part in shape.items() if key in content)
    return _mismatch_of_value(content, shape if isinstance(shape, tuple) else (shape,), place)


def _mismatch_of_value(content: Any, types: tuple[type, ...], place: str) -> str | None:
    if (isinstance(content, bool) and bool not in types) or not isinstance(content, types):
        names = " or ".join("null" if each is type(None) else each.__name__ for each in types)
        return _expected(place, names, content)
    return None


def _expected(place: str, wanted: str, content: Any) -> str:
    shown = repr(content) if len(repr(content)) <= 40 else f"{repr(content)[:37]}..."
    return f"{place.lstrip('.') or 'the file'} must be {wanted}, not {shown}"


def _first(problems: Any) -> str | None:
    return next((problem for problem in problems if problem), None)
