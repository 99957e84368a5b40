"""The kernels' sources as plain Python, whole or with a planted fault: nothing is compiled, nothing of the real modules is touched."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.abc import InspectLoader
from pathlib import Path
from types import CodeType, ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from backtest_engine.records import RecordArray

FOLDER = Path(__file__).resolve().parents[2] / "backtest_engine" / "kernels"
# each imports only those before it
MODULES = (
    "prices",
    "regime",
    "sizing",
    "excursions",
    "account",
    "entries",
    "levels",
    "exits",
    "entry_tiers",
    "signals",
    "bar",
    "scoring",
    "hold",
    "stretch",
    "figures",
    "curve",
    "simulate",
    "rows",
)

RunRow = Callable[..., None]


class _Source(InspectLoader):
    """Loads a module from a text."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name

    def get_source(self, fullname: str) -> str:
        return self._text

    def get_code(self, fullname: str) -> CodeType:
        return self.source_to_code(self._text, f"<{self._name}>")


def kernel_sources() -> dict[str, str]:
    """Return module name -> source of every kernel."""
    return {name: (FOLDER / f"{name}.py").read_text(encoding="utf8") for name in MODULES}


def load_plain(sources: Mapping[str, str]) -> dict[str, RunRow]:
    """Return the entries of ``rows`` that a single run uses, by name, made from ``sources``, uncompiled."""
    plain_jit = ModuleType("strategies.jit")
    for name in ("njit", "njit_inner", "njit_inline", "njit_spliced"):
        setattr(plain_jit, name, lambda function: function)
    with mock.patch.dict(sys.modules, {"strategies.jit": plain_jit}):
        for name in MODULES:
            full_name = f"backtest_engine.kernels.{name}"
            module = ModuleType(full_name)
            _Source(sources[name], name).exec_module(module)
            sys.modules[full_name] = module
        return {name: _with_attributes(getattr(module, name)) for name in ("run_rows", "figures_of_rows")}


def _with_attributes(kernel: RunRow) -> RunRow:
    """Give plain Python objects with attributes in place of the records, as compiled code sees them, and write them back."""

    def plain(*arguments: Any) -> None:
        records = [each for each in arguments if isinstance(each, np.ndarray) and each.dtype.names]
        with _objects(*records) as objects:
            left = iter(objects)
            kernel(*(next(left) if isinstance(each, np.ndarray) and each.dtype.names else each for each in arguments))

    return plain


@contextmanager
def _objects(*arrays: RecordArray) -> Iterator[list[Any]]:
    """numpy's own records will not do: their methods hide the fields of the same name, such as ``fill``."""
    objects = [[SimpleNamespace(**dict(zip(names_of(array), record, strict=True))) for record in array] for array in arrays]
    with np.errstate(all="ignore"):  # compiled code divides by zero without a word
        yield objects
    for array, rows in zip(arrays, objects, strict=True):
        for number, row in enumerate(rows):
            array[number] = tuple(getattr(row, name) for name in names_of(array))


def names_of(array: RecordArray) -> tuple[str, ...]:
    return array.dtype.names or ()
