"""A user's own objective: one function ``objective(metrics) -> float`` in one file; higher is better.

    def objective(metrics):
        return metrics["sharpe_ratio"] - 0.05 * abs(metrics["max_drawdown"])

``metrics`` holds every figure of a backtest by name, nan where it is undefined, and cannot be changed.
"""

import hashlib
import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.abc import InspectLoader
from importlib.util import decode_source, module_from_spec, spec_from_loader
from numbers import Real
from pathlib import Path
from types import CodeType, MappingProxyType
from typing import Any

import numpy as np

from core.errors import ConfigError
from optimization.objectives.metric import MetricValues, finite

_FUNCTION = "objective"
_SHAPE = f"It must define one function: def {_FUNCTION}(metrics) -> float"


class NoNumberError(TypeError):
    """A user's objective returned something that is no number."""


@dataclass(frozen=True, slots=True)
class OwnObjective:
    """A loaded file: its ``label`` (the file's name), the SHA-256 of its text, its function, and the troubles that were told already."""

    label: str
    digest: str
    function: Callable[[Any], Any]
    told: set[str] = field(default_factory=set, compare=False)

    def is_news(self, trouble: str) -> bool:
        """Return True the first time that ``trouble`` is met: a walk-forward meets it in every window."""
        if trouble in self.told:
            return False
        self.told.add(trouble)
        return True

    def value(self, metrics: MetricValues) -> float:
        """Return what the function makes of ``metrics``, nan when that is not finite.

        Raises NoNumberError for anything but a number (True and False are none), and whatever the function raises.
        """
        found = self.function(MappingProxyType(dict(metrics)))
        if isinstance(found, bool | np.bool_) or not isinstance(found, Real):
            raise NoNumberError(f"{self.label} returned {_shown(found)}, not a number")
        try:
            return finite(float(found))
        except OverflowError:  # an integer beyond any float
            return math.nan


def load_objective(name: str) -> OwnObjective:
    """Return the objective in the file ``name``; ConfigError says why it cannot be one. An edited file is loaded anew."""
    path = Path(name).expanduser()
    return _loaded(path, _source(path))


def _source(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read the objective file {path}: {error.strerror}. {_SHAPE}.") from error


class _Text(InspectLoader):
    """Runs the very text that was hashed. Python's own loader would take compiled code of before for an edit of the same second."""

    def __init__(self, path: Path, source: bytes) -> None:
        self._path, self._source = path, source

    def get_source(self, fullname: str) -> str:
        return decode_source(self._source)

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self.get_source(fullname), str(self._path))


@cache
def _loaded(path: Path, source: bytes) -> OwnObjective:
    """Run the user's file once and take its function."""
    spec = spec_from_loader(f"user_objective_{path.stem}", _Text(path, source), origin=str(path))
    if spec is None:
        raise ConfigError(f"{path} is no Python file. {_SHAPE}.")
    module = module_from_spec(spec)
    try:
        _Text(path, source).exec_module(module)
    except (Exception, SystemExit) as error:
        raise ConfigError(f"the objective file {path} fails when it is loaded: {type(error).__name__}: {error}") from error
    function = getattr(module, _FUNCTION, None)
    if not callable(function):
        raise ConfigError(f"{path} defines no function '{_FUNCTION}'. {_SHAPE}.")
    if not _takes_one(function):
        raise ConfigError(f"{path}: {_FUNCTION}{inspect.signature(function)} cannot be called with the metrics alone. {_SHAPE}.")
    return OwnObjective(path.name, hashlib.sha256(source).hexdigest(), function)


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind({})
    except TypeError:
        return False
    except ValueError:  # a function of C tells no signature; a call will say
        return True
    return True


def _shown(value: Any) -> str:
    text = repr(value)
    return f"{text if len(text) <= 40 else f'{text[:37]}...'} ({type(value).__name__})"
