"""A pool of worker processes for whole studies: they start clean, stay on one core each, and never outlive the driver."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from config.secrets import KEY_NAMES
from core.errors import OptimizationError

Task = TypeVar("Task")
Result = TypeVar("Result")

# Read by the numeric libraries when they load: two workers with threads of their own fight over the same cores.
_THREAD_LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "POLARS_MAX_THREADS")
_PR_SET_PDEATHSIG = 1
_LOOK_UP_SECONDS = 0.2
_LEAVE_SECONDS = 0.5


def run_in_processes(
    work: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    workers: int,
    prepare: Callable[..., None],
    shared: tuple[Any, ...] = (),
    on_done: Callable[[int], None] | None = None,
) -> list[Result]:
    """Return ``work(task)`` for each of ``tasks``, in their order, computed by ``workers`` fresh processes.

    ``prepare(*shared)`` runs once in each worker, so that what all tasks need travels once. ``on_done`` is told the number of finished
    tasks. ``work`` and ``prepare`` are functions of a module. An error of a task ends the workers and is raised here, so does Ctrl-C;
    a worker that was killed raises OptimizationError. Workers end with this process, however it ends.
    """
    with _without_keys():
        resource_tracker.ensure_running()  # it resets the signal mask of this thread when it is started below
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)), multiprocessing.get_context("spawn"), _start_worker, (os.getpid(), prepare, shared)
    )
    try:
        with _as_children_should_start(), _without_keys():
            futures = [pool.submit(work, task) for task in tasks]
        _await(futures, on_done)
        pool.shutdown()
    except BrokenProcessPool as error:
        _end(pool, before)
        raise OptimizationError(
            "a worker process ended without an answer: killed, or out of memory. Try again with fewer workers; what was finished is kept. "
            "(A script that starts workers needs its code under: if __name__ == '__main__'.)"
        ) from error
    except BaseException:
        _end(pool, before)
        raise
    return [future.result() for future in futures]


def _await(futures: Sequence[Future[Result]], on_done: Callable[[int], None] | None) -> None:
    pending = set(futures)
    while pending:
        # with a time limit: polars catches SIGINT in a way that restarts waits, and an endless one would never see Ctrl-C
        done, pending = wait(pending, _LOOK_UP_SECONDS, FIRST_COMPLETED)
        for number, future in enumerate(done, start=len(futures) - len(pending) - len(done) + 1):
            future.result()
            if on_done is not None:
                on_done(number)


@contextmanager
def _as_children_should_start() -> Iterator[None]:
    """Start children with one thread per library and deaf to Ctrl-C, which is the driver's to handle; then restore this process."""
    kept = {name: os.environ.get(name) for name in _THREAD_LIMITS}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.environ.update(dict.fromkeys(_THREAD_LIMITS, "1"))
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def _without_keys() -> Iterator[None]:
    """Keep the venues' keys out of the environment that children inherit: they compute, and talk to nobody."""
    kept = {name: os.environ.pop(name) for name in KEY_NAMES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _end(pool: ProcessPoolExecutor, before: set[BaseProcess]) -> None:
    """End this pool's workers at once: first asked to, then killed."""
    pool.shutdown(wait=False, cancel_futures=True)
    children = [child for child in multiprocessing.active_children() if child not in before]
    for child in children:
        child.terminate()
    for child in children:
        child.join(_LEAVE_SECONDS)
        if child.is_alive():
            child.kill()
            child.join()


def _start_worker(driver: int, prepare: Callable[..., None], shared: tuple[Any, ...]) -> None:
    """Prepare a worker: deaf to Ctrl-C, dying with the driver, and holding what its tasks share."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(driver)
    prepare(*shared)


def _die_with(driver: int) -> None:
    """End this process as soon as the driver is gone: the kernel sees to it on Linux, a watching thread everywhere."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != driver:  # it died before the line above
        os._exit(1)
    threading.Thread(target=_watch_parent, daemon=True).start()


def _watch_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
