"""What ``doctor`` looks at. Nothing here changes anything but for a probe file that is removed at once."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from config.secrets import read_secrets
from core.atomic_files import write_bytes
from core.clock import format_utc, now_ms
from core.errors import ConfigError, CredentialError, StorageError
from core.paths import Paths
from exchanges.addresses import base_address
from exchanges.venues import VENUES
from optimization.executors import RayUnavailable
from optimization.executors.ray_cluster import require_ray
from pipeline.account_keys import KEY_FILE, keys_of
from pipeline.machine import inspect_machine, installed_version

_PACKAGES = ("numpy", "numba", "polars", "optuna", "pydantic", "flask", "plotly")
# What a search needs beside the driver to use a GPU (requirements-gpu.txt).
_GPU_PACKAGES = ("cupy-cuda12x", "numba-cuda")
_GIB = 2**30
_LITTLE_MEMORY = 2 * _GIB
_LITTLE_DISK = 1 * _GIB
# A clock before this day (2024-01-01) cannot be right: candles of the venues would lie in its future.
_EARLIEST_MS = 1_704_067_200_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination; ``failed`` means that runs cannot work before it is repaired."""

    state: Literal["ok", "warning", "failed"]
    subject: str
    text: str


def examine(paths: Paths) -> list[Finding]:
    """Return everything found, in a fixed order."""
    return [*_versions(), *_machine(), *_folders(paths), _clock(), *_keys(paths)]


def _versions() -> Iterator[Finding]:
    supported = sys.version_info >= (3, 11)
    yield Finding("ok" if supported else "failed", "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in _PACKAGES:
        found = installed_version(name)
        missing = "not installed: install requirements.lock"
        yield Finding("ok" if found else "failed", name, found or missing)


def _machine() -> Iterator[Finding]:
    machine = inspect_machine()
    yield Finding("ok", "cores", str(machine.cores))
    enough = machine.free_bytes >= _LITTLE_MEMORY
    text = f"{machine.memory_bytes / _GIB:.1f} GiB, {machine.free_bytes / _GIB:.1f} free"
    yield Finding("ok" if enough else "warning", "memory", text if enough else f"{text}: large searches may run out of it")
    yield Finding("ok", "GPU", _gpu(machine.gpu))
    yield _ray(machine.ray)


def _ray(installed: str | None) -> Finding:
    if installed is None:
        return Finding("ok", "Ray", "not installed; optional")
    try:
        require_ray()
    except RayUnavailable as error:
        return Finding("warning", "Ray", str(error))
    return Finding("ok", "Ray", f"{installed} installed; optional: stage 6 says whether it pays, --executor ray insists")


def _gpu(name: str | None) -> str:
    if name is None:
        return "none found; not needed"
    missing = [package for package in _GPU_PACKAGES if installed_version(package) is None]
    wanted = (
        f"searches could use it with {' and '.join(missing)} (requirements-gpu.txt)"
        if missing
        else "searches use it where optimization.gpu is on"
    )
    return f"{name}; {wanted}; optional"


def _folders(paths: Paths) -> Iterator[Finding]:
    for name, folder in (("data folder", paths.data), ("logs folder", paths.logs)):
        trouble = _write_trouble(folder)
        yield Finding("failed", name, trouble) if trouble else _space(name, folder)


def _write_trouble(folder: Path) -> str:
    probe = folder / f".probe.{os.getpid()}"
    try:
        write_bytes(probe, b"probe\n")
        probe.unlink()
    except (StorageError, OSError) as error:
        return str(error)
    return ""


def _space(name: str, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{folder} can be written, {free / _GIB:.1f} GiB free"
    return Finding("ok", name, text) if free >= _LITTLE_DISK else Finding("warning", name, f"{text}: that is little")


def _clock() -> Finding:
    now = now_ms()
    text = f"{format_utc(now // 1000 * 1000)} UTC"
    return Finding("ok", "clock", text) if now > _EARLIEST_MS else Finding("failed", "clock", f"{text}: set the machine's clock")


def _keys(paths: Paths) -> Iterator[Finding]:
    """Say what works with every venue as the keys are, and whether its address could be used. Nothing is sent."""
    try:
        secrets = read_secrets(paths.config)
    except CredentialError as error:
        yield Finding("failed", KEY_FILE, str(error))
        return
    if secrets.readable_by_others:
        yield Finding("warning", KEY_FILE, f"can be read by other users: chmod 600 {secrets.path}")
    for exchange, facts in VENUES.items():
        keys = keys_of(exchange, secrets)
        text = (
            f"only partly set: {', '.join(keys.missing)} missing in {secrets.place_of(exchange)}"
            if keys.partly
            else keys.state.removeprefix("ok, ")
        )
        yield Finding("warning" if keys.partly else "ok", f"{exchange} keys", f"{text}; what works: {keys.works}")
        try:
            address = base_address(exchange, facts.base_url)
        except ConfigError as error:
            yield Finding("failed", f"{exchange} address", str(error))
        else:
            if address != facts.base_url:
                yield Finding("ok", f"{exchange} address", f"{address}, instead of {facts.base_url}")
