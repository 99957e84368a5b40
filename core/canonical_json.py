"""JSON with one spelling per value, so that equal contents are equal bytes and hashes can be compared.

Keys sorted, no spaces, shortest round-trip floats, ``nan`` and infinities written as ``null`` (JSON has neither).
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import CorruptFileError

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain(value: Any) -> Any:
    """Return ``value`` with numpy scalars, tuples, paths and mappings turned into what JSON knows; nan becomes None."""
    kind = type(value)
    if kind is float:  # most of what there is to write
        return value if math.isfinite(value) else None
    if kind is int or value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, Path):
        return value.as_posix()
    raise TypeError(f"a {type(value).__name__} has no JSON form: {value!r}")


def dumps(value: Any) -> str:
    """Return the one canonical line for ``value``."""
    return dumps_plain(plain(value))


def dumps_plain(value: Any) -> str:
    """Return the one canonical line for what ``plain`` made: the same as ``dumps``, in half the time."""
    return _ENCODER.encode(value)


def dump_bytes(value: Any) -> bytes:
    """Return the canonical bytes of a file: the line and its newline."""
    return (dumps(value) + "\n").encode()


def digest(value: Any) -> str:
    """Return the SHA-256 (hex) of the canonical form."""
    return hashlib.sha256(dumps(value).encode()).hexdigest()


def read_json(path: Path) -> Any:
    """Return the content of a JSON file; CorruptFileError names a file that is not JSON."""
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(f"{path} is not valid JSON ({error}). Remove it and resume: the stage that wrote it runs again.") from error
