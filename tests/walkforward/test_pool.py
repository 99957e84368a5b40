"""The pool: tasks in order, errors as they are, and no worker that outlives its driver."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.errors import DataError, OptimizationError
from tests.conftest import ROOT
from tests.walkforward import pool_work
from walkforward.pool import run_in_processes


def test_results_come_in_the_order_of_tasks_and_each_worker_is_prepared_once() -> None:
    told = list[int]()
    results = run_in_processes(pool_work.add, [5, 3, 9, 1], workers=2, prepare=pool_work.prepare, shared=(100,), on_done=told.append)
    assert results == [(105, 1), (103, 1), (109, 1), (101, 1)]
    assert told == [1, 2, 3, 4]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_are_given_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_SECRET", "canary")
    monkeypatch.setenv("DHAN_ACCESS_TOKEN", "canary")
    assert run_in_processes(pool_work.known_keys, [0], workers=2, prepare=pool_work.prepare, shared=(0,)) == [[]]
    assert os.environ["BINANCE_API_SECRET"] == os.environ["DHAN_ACCESS_TOKEN"] == "canary"


def test_workers_use_one_thread_and_the_driver_keeps_its_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert run_in_processes(pool_work.thread_limits, [0], workers=2, prepare=pool_work.prepare, shared=(0,)) == [["1"] * 4]
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "MKL_NUM_THREADS" not in os.environ
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_error_of_a_task_is_raised_as_it_is() -> None:
    with pytest.raises(DataError, match="task 1 is bad"):
        run_in_processes(pool_work.fail, [0, 1, 2], workers=2, prepare=pool_work.prepare, shared=(0,))


def test_killed_worker_is_an_error_that_says_what_to_try() -> None:
    with pytest.raises(OptimizationError, match="fewer workers"):
        run_in_processes(pool_work.be_killed, [0], workers=1, prepare=pool_work.prepare, shared=(0,))


@pytest.fixture
def driver() -> Iterator[subprocess.Popen[bytes]]:
    """A driver in a session of its own, with two workers in the middle of their work."""
    command = [sys.executable, "-m", "tests.walkforward.pool_work"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"started\n"] * 2
        yield process
        process.kill()


def test_workers_die_with_a_killed_driver(driver: subprocess.Popen[bytes]) -> None:
    driver.kill()
    # the pipe ends when the last process that holds it is gone; if one lived on, this would wait until the test's time limit
    output, _ = driver.communicate()
    assert output == b""
    assert driver.returncode == -signal.SIGKILL


def test_ctrl_c_ends_driver_and_workers_without_a_word(driver: subprocess.Popen[bytes]) -> None:
    os.killpg(driver.pid, signal.SIGINT)
    output, errors = driver.communicate()
    assert (driver.returncode, output, errors) == (130, b"", b"")
