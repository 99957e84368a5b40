"""The fields of the form to start a run, made from the settings themselves: kinds, ranges, choices and defaults have one home."""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from config import RunConfig
from config.objectives import OBJECTIVE_NAMES
from core.timeframe import TIMEFRAMES
from dashboard.views.setting_texts import WORDS, Words
from strategies import get_strategy
from strategies.base import Param
from strategies.registry import strategy_names

Kind = Literal["switch", "whole", "number", "choice", "date", "list", "text"]
# They are given by parts of the page of their own, or are for files only.
_APART = frozenset({"markets", "log_levels", "strategy.params"})
# How run files keep the first moment of a day.
_MIDNIGHT = re.compile(r"^(\d{4}-\d\d-\d\d)T00:00:00(?:Z|\+00:00)$")
# Bounds beyond this are there to refuse nonsense; nobody needs to be told.
_ENDLESS = 1e9


@dataclass(frozen=True, slots=True)
class FormField:
    """One setting. ``low`` and ``high`` bound numbers (``open_low``, ``open_high``: the bound itself is out); ``value`` is as text.

    ``optional``: may be left empty. ``strategies``: those whose parameter it is; () where every run has it.
    """

    path: str
    kind: Kind
    words: Words
    value: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    step: float | None = None
    optional: bool = False
    strategies: tuple[str, ...] = ()

    @property
    def range_text(self) -> str:
        """Return the range in words, "" for none."""
        if self.low is None and self.high is None:
            return ""
        low = "" if self.low is None or self.low < -_ENDLESS else f"{'above' if self.open_low else 'from'} {self.low:,.12g}"
        high = "" if self.high is None or self.high > _ENDLESS else f"{'below' if self.open_high else 'to'} {self.high:,.12g}"
        return f"{low} {high}".strip()


@cache
def setting_fields() -> dict[str, FormField]:
    """Return the field of every setting that a form has, by its dotted path, with the defaults."""
    return {field.path: field for field in _fields(RunConfig, "")} | {field.path: field for field in _own_params()}


def filled(fields: Mapping[str, FormField], settings: Mapping[str, Any]) -> dict[str, FormField]:
    """Return ``fields`` with the values of ``settings``, which is nested as in a run file."""
    return {
        path: replace(field, value=field.value if (found := _found(settings, path)) is _NONE else as_text(found))
        for path, field in fields.items()
    }


def known_paths(settings: Mapping[str, Any] | None = None) -> frozenset[str]:
    """Return the paths that problems may be told of: the fields, and those of each market of ``settings``."""
    count = len(markets) if settings is not None and isinstance(markets := settings.get("markets"), list) else 0
    own = {f"markets.{place}.{name}" for place in range(count) for name in ("exchange", "symbol", "timeframe", "order_qty")}
    return frozenset(setting_fields()) | own | {"markets"}


def as_text(value: Any) -> str:
    """Return a value as a field shows it."""
    if value is None or value is PydanticUndefined:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if (value.hour, value.minute, value.second) == (0, 0, 0) else "%Y-%m-%dT%H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(as_text(each) for each in value)
    return _MIDNIGHT.sub(r"\1", str(value))


_NONE = object()


def _found(settings: Mapping[str, Any], path: str) -> Any:
    value: Any = settings
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            return _NONE
        value = value[part]
    return value


def _fields(model: type[BaseModel], within: str) -> Iterator[FormField]:
    for name, info in model.model_fields.items():
        path = f"{within}.{name}" if within else name
        inner = _model_in(info.annotation)
        if path in _APART:
            continue
        if inner is not None:
            yield from _fields(inner, path)
        else:
            yield _field(path, info)


def _field(path: str, info: FieldInfo) -> FormField:
    kinds = [each for each in _union(info.annotation) if each is not type(None)]
    optional = type(None) in _union(info.annotation)
    default = info.get_default(call_default_factory=True) if not info.is_required() else ""
    kind, choices = _kind(path, kinds)
    bounds = list(_bounds(info.metadata))
    low = next((item for item in bounds if isinstance(item, Ge | Gt)), None)
    high = next((item for item in bounds if isinstance(item, Le | Lt)), None)
    low_value: Any = None if low is None else low.ge if isinstance(low, Ge) else low.gt
    high_value: Any = None if high is None else high.le if isinstance(high, Le) else high.lt
    text = as_text(default)
    users = tuple(name for name in strategy_names() if path in _param_paths(name)) if path in _searched() else ()
    return FormField(
        path,
        kind,
        WORDS[path],
        text,
        text,
        choices,
        low_value,
        high_value,
        isinstance(low, Gt),
        isinstance(high, Lt),
        None,
        optional,
        users,
    )


def _kind(path: str, kinds: list[Any]) -> tuple[Kind, tuple[str, ...]]:
    if path == "strategy.name":
        return "choice", tuple(strategy_names())
    if path in ("timeframe", "top.timeframe", "execution.detail_timeframe"):
        return "choice", tuple(TIMEFRAMES)
    if path == "optimization.objective":
        return "list", OBJECTIVE_NAMES
    first = kinds[0]
    if get_origin(first) is Literal:
        return "choice", get_args(first)
    if isinstance(first, type) and issubclass(first, StrEnum):
        return "choice", tuple(each.value for each in first)
    simple: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", datetime: "date"}
    return simple.get(first, "list" if get_origin(first) is tuple else "text"), ()


def _bounds(metadata: list[Any]) -> Iterator[Any]:
    for item in metadata:
        if isinstance(item, Ge | Gt | Le | Lt):
            yield item
        else:
            yield from _bounds(list(getattr(item, "metadata", ())))


def _union(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    return next((each for each in _union(annotation) if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _param_path(param: Param) -> str:
    return f"strategy.{param.name}" if f"strategy.{param.name}" in WORDS else f"strategy.params.{param.name}"


@cache
def _param_paths(strategy: str) -> frozenset[str]:
    return frozenset(_param_path(param) for param in get_strategy(strategy).params)


@cache
def _searched() -> frozenset[str]:
    """Return the settings that are a parameter of some strategies and not of others: only those are shown with their strategy."""
    everyone = [_param_paths(name) for name in strategy_names()]
    return frozenset().union(*everyone) - frozenset.intersection(*everyone)


def _own_params() -> Iterator[FormField]:
    """Yield the parameters that strategies have beside the common settings."""
    owners: dict[str, list[str]] = {}
    params: dict[str, Param] = {}
    for name in strategy_names():
        for param in get_strategy(name).params:
            if (path := _param_path(param)).startswith("strategy.params."):
                owners.setdefault(path, []).append(name)
                params.setdefault(path, param)
    for path, param in params.items():
        kind: Kind = {"int": "whole", "float": "number", "bool": "switch"}[param.kind]  # type: ignore[assignment]
        words = Words(param.name.replace("_", " ").capitalize(), "", f"A parameter of {', '.join(owners[path])}.")
        low, high = (None, None) if param.kind == "bool" else (param.low, param.high)
        text = as_text(param.default)
        yield FormField(path, kind, words, text, text, low=low, high=high, strategies=tuple(owners[path]))
