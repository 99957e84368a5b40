"""The one way kernels are compiled: strict float arithmetic, no GIL, and a disk cache that cannot go stale.

numba's own cache looks at the changed file only: edit a callee and the caller's old machine code stays in use; and it takes code with
checked bounds for code without. So the cache folder is named by a hash over the sources of all kernels and by whether bounds are checked.
It lies beside the project; where that is not writable, in the user's cache folder or, failing that, in the system's temporary one.
The cache only saves time: where the disk refuses a file of it, work goes on without.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

from core.paths import PROJECT_ROOT

Function = TypeVar("Function", bound=Callable[..., Any])
KERNEL_FOLDERS = ("strategies/indicators", "strategies/kernels", "backtest_engine/kernels", "optimization/kernels")
KERNEL_FILES = (
    "strategies/jit.py",
    "strategies/sparse.py",
    "backtest_engine/codes.py",
    "backtest_engine/records.py",
    "backtest_engine/score_records.py",
)
_LOG = logging.getLogger(__name__)


class ForgivingCache(FunctionCache):
    """numba's disk cache, but for a full disk: then the machine code is used all the same and compiled again by the next process."""

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store the machine code ``data`` of signature ``sig``, as far as the disk takes it."""
        try:
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            tell_refusal(str(error.strerror))


@cache
def tell_refusal(reason: str) -> None:
    """Log why machine code could not be stored: once for a reason, not once for a kernel."""
    _LOG.warning("Compiled code cannot be stored in %s (%s): the next start compiles it again.", numba.config.CACHE_DIR, reason)  # type: ignore[attr-defined]


def kernel_sources_hash() -> str:
    """Return a short hash over every source that machine code is made from."""
    files = [path for folder in KERNEL_FOLDERS for path in sorted((PROJECT_ROOT / folder).glob("*.py"))]
    sha = hashlib.sha256()
    for path in (*files, *(PROJECT_ROOT / name for name in KERNEL_FILES)):
        if path.is_file():
            sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:12]


def folder_name() -> str:
    """Return the name of the cache folder: a hash over all sources, and a mark where ``NUMBA_BOUNDSCHECK`` has every index checked."""
    return kernel_sources_hash() + ("-checked" if numba.config.BOUNDSCHECK else "")  # type: ignore[attr-defined]


def _candidates() -> Iterator[Path]:
    yield PROJECT_ROOT / "data" / "cache" / "kernels"
    own = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if own.is_absolute():  # "~" stays "~" for a user without a home, as containers have them
        yield own / "strategy-pipeline" / "kernels"


def cache_folder() -> Path:
    """Return a writable folder for compiled kernels, created."""
    for folder in _candidates():
        try:
            (folder / folder_name()).mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder / folder_name()
    return Path(tempfile.mkdtemp(prefix="strategy-pipeline-kernels-"))


if not os.environ.get("NUMBA_CACHE_DIR"):
    numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def njit(function: Function) -> Function:
    """Compile ``function`` for one core: no fused multiply-add or reordering, division by zero gives inf or nan, no GIL."""
    return _compiled(function)


def njit_inner(function: Function) -> Function:
    """Compile ``function`` to be called by other kernels only.

    A way in from Python is code of its own for each function, which takes every tuple of arrays apart: without it for those that need none
    everything is compiled in 17 seconds instead of 21.
    """
    return _without_entry(function)


def njit_inline(function: Function) -> Function:
    """Compile ``function`` into its callers, which are kernels: for steps that run in every bar and would spend their time passing
    arguments.
    """
    return _without_entry(function, forceinline=True)


def njit_spliced(function: Function) -> Function:
    """Compile ``function`` as a part of its callers' source, never on its own: for what only hands on to a large function.

    Each function on the way to that one would be optimized with all of it again: two seconds for ``run_trial``.
    """
    return _compiled(function, inline="always")


def _without_entry(function: Function, **options: bool) -> Function:
    compiled: Any = _compiled(function, no_cpython_wrapper=True, **options)
    if compiled is not function:

        def refuse(*_: object) -> None:
            raise TypeError(f"{function.__name__} has no way in from Python: only kernels can call it. Decorate it with njit instead.")

        def add_overload(result: Any) -> None:
            compiled.overloads[tuple(result.signature.args)] = result

        # numba would jump to where the way in is not
        compiled._compile_for_args, compiled.add_overload = refuse, add_overload
    return cast("Function", compiled)


def _compiled(function: Function, **options: Any) -> Function:
    # an address for C to call, which numba makes besides, is wanted by nobody
    settings: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False, "no_cfunc_wrapper": True} | options
    return _cached(function, numba.njit(**settings)(function))


def _cached(function: Function, dispatcher: Any) -> Function:
    if dispatcher is not function:  # as it is where NUMBA_DISABLE_JIT has kernels run as plain Python
        dispatcher._cache = ForgivingCache(function)  # type: ignore[no-untyped-call]
    return cast("Function", dispatcher)
