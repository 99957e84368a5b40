"""The version of everything that can change a number: a hash of the sources of the computing packages and of key libraries."""

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.paths import PROJECT_ROOT

_COMPUTING_PACKAGES = (
    "core", "config", "exchanges", "market_data", "strategies", "backtest_engine", "optimization", "walkforward", "reporting", "pipeline",
)  # fmt: skip
_SOURCE_SUFFIXES = (".py", ".j2")  # the report's template is a source of its bytes too
_LIBRARIES = ("numpy", "numba", "optuna", "polars")


def source_files(packages: tuple[str, ...]) -> list[Path]:
    """Return every source of ``packages``, Python and templates, sorted by path."""
    return sorted(path for package in packages for path in (PROJECT_ROOT / package).rglob("*") if path.suffix in _SOURCE_SUFFIXES)


def hash_of_sources(packages: tuple[str, ...]) -> str:
    """Return a SHA-256 (hex) over the paths and bytes of the packages' sources."""
    sha = hashlib.sha256()
    for path in source_files(packages):
        sha.update(path.relative_to(PROJECT_ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


@cache
def code_version() -> str:
    """Return the hash that checkpoints carry: resuming with other code or libraries runs the stage again instead of mixing."""
    libraries = ",".join(f"{name}={_version_of(name)}" for name in _LIBRARIES)
    return hashlib.sha256(f"{hash_of_sources(_COMPUTING_PACKAGES)}|{libraries}".encode()).hexdigest()[:16]


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
