"""Which GPU there is, or why none is used."""

import functools
from dataclasses import dataclass
from importlib.util import find_spec

import numba

from backtest_engine.gpu.memory import CupyMemory, HostMemory, Memory

# Import name -> the package that a user installs.
_PACKAGES = {"cupy": "CuPy", "numba_cuda": "numba-cuda"}


@dataclass(frozen=True, slots=True)
class Gpu:
    """A device that runs the kernels: its ``name`` as the driver says it, and its ``memory``."""

    name: str
    memory: Memory


@dataclass(frozen=True, slots=True)
class NoGpu:
    """Why no device is used, as the second half of a line: "no GPU: ..."."""

    reason: str


@functools.cache
def find_gpu() -> Gpu | NoGpu:
    """Return the first GPU, looked for once per process; in numba's CUDA simulator (NUMBA_ENABLE_CUDASIM=1) the simulated one."""
    if numba.config.ENABLE_CUDASIM:  # type: ignore[attr-defined]
        return Gpu("numba's CUDA simulator", HostMemory())
    missing = [name for module, name in _PACKAGES.items() if find_spec(module) is None]
    if missing:
        return NoGpu(f"{' and '.join(missing)} not installed (see requirements-gpu.txt)")
    try:
        import cupy

        name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
        return Gpu(name, CupyMemory())
    except Exception as error:  # noqa: BLE001 - no driver, no device, a driver too old: each raises what it likes, none may stop a run
        return NoGpu(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")
