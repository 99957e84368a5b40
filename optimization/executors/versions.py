"""What must be the same in the driver and in every worker of a cluster, or their numbers might differ in the last bit."""

import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from core.code_version import hash_of_sources

_PACKAGES = ("ray", "numba", "numpy", "optuna", "polars", "scipy", "pydantic")
_KERNELS = ("strategies", "backtest_engine")
# What a worker runs: a market's search is written by the pipeline's stage 7, which imports the rest.
PROGRAM = (
    "core", "config", "exchanges", "market_data", "strategies", "backtest_engine", "optimization", "walkforward", "reporting", "dashboard",
    "pipeline",
)  # fmt: skip


@cache
def versions() -> dict[str, str]:
    """Return the versions of this process: Python, the packages that compute, the kernels' sources and the program's."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "absent"
    return found | {"kernels": hash_of_sources(_KERNELS)[:12], "program": hash_of_sources(PROGRAM)[:12]}


def differences(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Return ``numba 0.61.0 instead of 0.62.1, ...``, ``''`` when nothing differs."""
    names = [name for name in ours if theirs.get(name) != ours[name]]
    return ", ".join(f"{name} {theirs.get(name, 'absent')} instead of {ours[name]}" for name in names)
