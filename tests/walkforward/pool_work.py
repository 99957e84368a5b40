"""Work for the pool's tests; workers import it by name. Run as a program it is a driver whose workers never end on their own."""

import os
import signal
import sys
import threading
from pathlib import Path

from config.secrets import KEY_NAMES
from core.errors import DataError
from walkforward.pool import run_in_processes

_prepared: list[int] = []


def prepare(offset: int) -> None:
    _prepared.append(offset)


def add(number: int) -> tuple[int, int]:
    """Return the sum, and how often this worker was prepared."""
    return number + _prepared[0], len(_prepared)


def thread_limits(_task: int) -> list[str | None]:
    return [os.environ.get(name) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")]


def known_keys(_task: int) -> list[str]:
    """Return the names of keys in this worker's environment, as it is and as it was at its start."""
    at_start = [line.partition("=")[0] for line in Path("/proc/self/environ").read_text(errors="replace").split("\0")]
    return [name for name in [*os.environ, *at_start] if name in KEY_NAMES]


def fail(number: int) -> int:
    if number == 1:
        raise DataError(f"task {number} is bad.")
    return number


def be_killed(_task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def wait_forever(_task: int) -> None:
    os.write(1, b"started\n")
    threading.Event().wait()


if __name__ == "__main__":
    try:
        run_in_processes(wait_forever, [1, 2], workers=2, prepare=prepare, shared=(0,))
    except KeyboardInterrupt:
        sys.exit(130)
