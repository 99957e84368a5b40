"""Work for the pool's tests; workers import it by name. Run as a program it is a driver whose workers never end on their own."""

import os
import signal
import sys
import threading

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
