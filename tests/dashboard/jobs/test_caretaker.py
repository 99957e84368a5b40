"""The caretaker: goes on whatever happens, and ends when the server does."""

import threading

import pytest

from core.errors import StorageError
from dashboard.jobs.caretaker import Caretaker
from tests.patience import PATIENCE_SECONDS


def test_trouble_is_told_once_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    looks = threading.Semaphore(0)
    troubles = iter([StorageError("the disk is full."), StorageError("the disk is full."), TypeError("a bug")])

    def tend() -> None:
        looks.release()
        trouble = next(troubles, None)
        if trouble is not None:
            raise trouble

    with Caretaker(tend, 0.001):
        assert all(looks.acquire(timeout=PATIENCE_SECONDS) for _ in range(5))
    assert [message.rpartition(": ")[2] for message in caplog.messages] == ["the disk is full.", "a bug"]
    assert not [thread for thread in threading.enumerate() if thread.name == "caretaker"]
