"""The common ground of all settings: frozen, no unknown keys, and every mistake a ConfigError naming field, value and range."""

from typing import Any, Self

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import ConfigError
from core.suggest import did_you_mean


class _Problems(ConfigError):
    """Everything that is wrong with some settings: ``args`` has each problem by itself, for the settings that these are part of."""

    def __str__(self) -> str:
        return "; ".join(self.args)


class Settings(BaseModel):
    """Base of all settings. Construction, ``replace`` and ``model_validate`` raise ConfigError, never pydantic's own error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True, use_enum_values=False)

    def __init__(self, **values: Any) -> None:
        """Validate ``values``; ConfigError lists every field that is wrong with its value and its range."""
        switches = [name for name, value in values.items() if isinstance(value, bool) and _is_number(type(self), name)]
        if switches:
            raise _Problems(*(_not_allowed(type(self), (name,), values[name], "must be a number") for name in switches))
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _Problems(*_explain(type(self), error)) from None

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Return the settings in ``obj``, a mapping or an instance."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            raise _Problems(*_explain(cls, error)) from None

    def replace(self, **changes: Any) -> Self:
        """Return a copy with ``changes``, validated as if it were new; fields never set stay unset."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**(kept | changes))


def _explain(model: type[BaseModel], error: ValidationError) -> list[str]:
    return [problem for item in error.errors() for problem in _problems_of(model, dict(item))]


def _problems_of(model: type[BaseModel], item: dict[str, Any]) -> list[str]:
    """Return what is wrong with one field: one problem, or all those of the settings that it holds, which know their own names only."""
    cause = item.get("ctx", {}).get("error")
    if not isinstance(cause, ConfigError):
        return [_problem(model, item)]
    location = ".".join(str(part) for part in item["loc"])
    problems = cause.args if isinstance(cause, _Problems) else (str(cause),)
    return [f"{location}.{problem}" if location else str(problem) for problem in problems]


def _problem(model: type[BaseModel], item: dict[str, Any]) -> str:
    location = ".".join(str(part) for part in item["loc"])
    cause = item.get("ctx", {}).get("error")
    if item["type"] == "extra_forbidden":
        return f"{location} is no setting of {model.__name__}.{did_you_mean(str(item['loc'][-1]), model.model_fields)}"
    if item["type"] == "value_error":
        return f"{location}: {cause}" if location else str(cause)
    if item["type"] == "missing":
        return f"{location} is required"
    return _not_allowed(model, item["loc"], item["input"], item["msg"][:1].lower() + item["msg"][1:])


def _not_allowed(model: type[BaseModel], location: tuple[Any, ...], value: Any, reason: str) -> str:
    return f"{'.'.join(map(str, location))} = {value!r} is not allowed: {_range_of(model, location) or reason}"


def _is_number(model: type[BaseModel], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and field.annotation in (int, float)


def _range_of(model: type[BaseModel], location: tuple[Any, ...]) -> str:
    """Return ``must be a whole number from a to b`` for a bounded field, ``''`` when it has no bounds."""
    field = model.model_fields.get(str(location[0])) if location else None
    if field is None:
        return ""
    bounds = {kind: getattr(item, key) for item in field.metadata for kind, key in _BOUNDS if isinstance(item, kind)}
    if not bounds:
        return ""
    noun = "a whole number" if field.annotation is int else "a number"
    low = f"from {bounds[Ge]}" if Ge in bounds else f"above {bounds[Gt]}" if Gt in bounds else ""
    high = f"to {bounds[Le]}" if Le in bounds else f"below {bounds[Lt]}" if Lt in bounds else ""
    return f"must be {noun} {' '.join(part for part in (low, high) if part)}"


_BOUNDS = ((Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt"))
