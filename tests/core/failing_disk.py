"""A disk that refuses one of the operations asked of it: the k-th."""

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class FailingDisk:
    """Counts operations and fails the ``fail_at``-th; ``failed`` says which one that was, None when there were fewer."""

    def __init__(self, fail_at: int, code: int = errno.ENOSPC) -> None:
        self.fail_at, self.code = fail_at, code
        self.operations: list[str] = []

    @property
    def failed(self) -> str | None:
        return self.operations[-1] if len(self.operations) == self.fail_at else None

    def step(self, name: str) -> None:
        self.operations.append(name)
        if len(self.operations) == self.fail_at:
            raise OSError(self.code, os.strerror(self.code))

    def guarded(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any, **options: Any) -> Any:
            self.step(name)
            return operation(*arguments, **options)

        return asked

    def open(self, file: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if mode.startswith("r"):
            return io_open(file, mode, *arguments, **options)
        self.step("open a stream")
        return _Stream(self, io_open(file, mode, *arguments, **options))


class _Stream:
    """A file of which the disk may take half of what is written."""

    def __init__(self, disk: FailingDisk, stream: Any) -> None:
        self._disk, self._stream = disk, stream

    def write(self, content: bytes) -> None:
        self._stream.write(content[: len(content) // 2])
        self._stream.flush()
        self._disk.step("write")
        self._stream.write(content[len(content) // 2 :])

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()


io_open = io.open


@contextmanager
def failing_disk(fail_at: int, code: int = errno.ENOSPC) -> Iterator[FailingDisk]:
    """Let the ``fail_at``-th operation on files inside the block fail with ``code``."""
    disk = FailingDisk(fail_at, code)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("open", "fsync", "replace"):
            patch.setattr(os, name, disk.guarded(name, getattr(os, name)))
        patch.setattr(io, "open", disk.open)
        yield disk
