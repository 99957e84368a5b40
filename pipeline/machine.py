"""What this machine has: cores, memory, GPU, Ray. For information and for the number of workers, never for a result."""

import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import psutil

from core.cores import usable_cores


@dataclass(frozen=True, slots=True)
class Machine:
    """``cores`` this process may use; memory in bytes; ``gpu`` and ``ray`` as text, None when absent."""

    cores: int
    memory_bytes: int
    free_bytes: int
    gpu: str | None
    ray: str | None


def inspect_machine() -> Machine:
    """Look at the machine; takes a few milliseconds, with a GPU driver up to a second."""
    memory = psutil.virtual_memory()
    return Machine(usable_cores(), int(memory.total), int(memory.available), _gpu(), installed_version("ray"))


def installed_version(package: str) -> str | None:
    """Return the version of an installed package without importing it, None when it is absent."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _gpu() -> str | None:
    """Return the first GPU that NVIDIA's driver names."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        listed = subprocess.run(
            [tool, "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    names = listed.stdout.strip().splitlines()
    return names[0] if listed.returncode == 0 and names else None
