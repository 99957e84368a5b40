"""Every strategy by name: the built-in ones, found in this folder, and a user's own, loaded from its file."""

import hashlib
import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import cast

from config import StrategyConfig
from core.errors import ConfigError
from core.suggest import did_you_mean
from strategies.base import ParamValue, Strategy

_MEMBERS = ("name", "params", "warmup", "signals")
_SETTINGS = frozenset(StrategyConfig.model_fields)  # asked for in every trial


@cache
def _built_in() -> dict[str, Strategy]:
    """Return the strategies of this folder: every module here that has a ``STRATEGY``."""
    package = importlib.import_module(__package__ or "strategies")
    modules = [importlib.import_module(f"{package.__name__}.{info.name}") for info in pkgutil.iter_modules(package.__path__)]
    found = [module.STRATEGY for module in modules if hasattr(module, "STRATEGY")]
    return {strategy.name: strategy for strategy in found}


def strategy_names() -> list[str]:
    """Return the names of the built-in strategies, sorted."""
    return sorted(_built_in())


def get_strategy(name: str) -> Strategy:
    """Return the strategy called ``name``, or the one in the Python file at that path; ConfigError offers the nearest name."""
    if name.endswith(".py"):
        return _from_file(Path(name), strategy_digest(name))
    strategy = _built_in().get(name)
    if strategy is None:
        raise ConfigError(f"strategy '{name}' is not known.{did_you_mean(name, strategy_names())} A file of your own ends in .py.")
    return strategy


def strategy_digest(name: str) -> str:
    """Return the SHA-256 of a user's strategy file, or the name of a built-in one (its code is part of the code version)."""
    return hashlib.sha256(_source(Path(name))).hexdigest() if name.endswith(".py") else name


def strategy_label(name: str) -> str:
    """Return the name to show and store: a file's name without its folders."""
    return Path(name).name if name.endswith(".py") else name


def resolve_params(strategy: Strategy, config: StrategyConfig) -> dict[str, ParamValue]:
    """Return a value for every declared parameter: from ``config.params``, else the field of that name, else the default.

    Raises ConfigError for a value out of range, for ordered ones that do not rise, and for a key of ``config.params`` that the strategy
    does not declare.
    """
    declared = {param.name: param for param in strategy.params}
    for key in config.params:
        if key not in declared:
            raise ConfigError(f"params.{key}: strategy {strategy.name} has no such parameter.{did_you_mean(key, declared)}")
        if key in _SETTINGS:
            raise ConfigError(f"params.{key}: {key} is a setting of its own; write it beside params, not inside.")
    values: dict[str, ParamValue] = {}
    for name, param in declared.items():
        if name in config.params:
            values[name] = param.check(config.params[name])
        elif name in _SETTINGS:
            values[name] = getattr(config, name)  # in range already: StrategyConfig checked it
        else:
            values[name] = param.default
    _check_order(strategy, values)
    return values


def _check_order(strategy: Strategy, values: Mapping[str, ParamValue]) -> None:
    """ConfigError where parameters of one ordered group do not rise; those that are settings StrategyConfig has checked itself."""
    own = [param for param in strategy.params if param.ordered is not None and param.name not in _SETTINGS]
    for group in dict.fromkeys(param.ordered for param in own):
        for lower, higher in pairwise(param.name for param in own if param.ordered == group):
            if values[lower] >= values[higher]:
                raise ConfigError(f"{lower} = {values[lower]} must be below {higher} = {values[higher]}.")


def with_params(config: StrategyConfig, values: Mapping[str, ParamValue]) -> StrategyConfig:
    """Return ``config`` with ``values``: each into the field of that name, else into ``params``."""
    fields = {name: value for name, value in values.items() if name in _SETTINGS}
    own = {name: value for name, value in values.items() if name not in fields}
    return config.replace(**fields, **({"params": dict(config.params) | own} if own else {}))


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the strategy file {path}: {error.strerror}.") from error


@cache
def _from_file(path: Path, _digest: str) -> Strategy:
    """Run a user's file and return its STRATEGY; ConfigError says what it lacks. An edited file has another digest and is run anew."""
    spec = importlib.util.spec_from_file_location(f"user_strategy_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path} is no Python file.")
    module: ModuleType = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"the strategy file {path} fails when it is loaded: {type(error).__name__}: {error}") from error
    loaded = getattr(module, "STRATEGY", None)
    missing = [member for member in _MEMBERS if not hasattr(loaded, member)]
    if missing:
        raise ConfigError(f"{path} must define STRATEGY with {', '.join(_MEMBERS)}; missing: {', '.join(missing)}.")
    return cast("Strategy", loaded)
