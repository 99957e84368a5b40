"""Child processes as workers should be: one thread per library, no key in their environment, deaf to Ctrl-C, gone with the driver."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection

from config.secrets import KEY_NAMES
from core.child_process import die_with_parent

# Read by the numeric libraries when they load: two workers with threads of their own fight over the same cores.
THREAD_LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")


@contextmanager
def as_children_should_start() -> Iterator[None]:
    """Let processes that start inside have one thread per library, no keys, and no ear for Ctrl-C; then restore this process."""
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with environment(dict.fromkeys(THREAD_LIMITS, "1")), without_keys():
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for a moment."""
    kept = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def without_keys() -> Iterator[None]:
    """Keep the venues' keys out of the environment that children inherit: they compute, and talk to nobody."""
    kept = {name: os.environ.pop(name) for name in KEY_NAMES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def die_with(driver: int) -> None:
    """End this process as soon as the process ``driver`` that started it is gone: the kernel sees to it on Linux, a thread everywhere."""
    die_with_parent(driver)
    threading.Thread(target=_watch_parent, daemon=True).start()


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
