"""A mark in a study's folder while the program itself is at it, which is gone when it is done.

A program leaves it that ends without a word: killed, out of memory, or by a fault in compiled code. Whoever goes on with that study should
not be the program again, which would come to the same trial and end again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.atomic_files import make_folder, storage_errors
from optimization.executors.studies import Lost

# Like all that begins with a dot there it is no part of the study.
AT_WORK = ".at-work"


@contextmanager
def at_work(folder: Path | None) -> Iterator[None]:
    """Mark the study in ``folder`` while this program is at it; an error and Ctrl-C end that in order. Raises StorageError."""
    if folder is not None:
        make_folder(folder)
        with storage_errors(folder / AT_WORK):
            (folder / AT_WORK).touch()
    try:
        yield
    finally:
        _gone(folder)


def broke_off(folder: Path | None) -> bool:
    """Tell whether a program ended without a word while it was at the study in ``folder`` itself."""
    return folder is not None and (folder / AT_WORK).exists()


def settle(folder: Path | None, result: object) -> None:
    """Take the mark from the study in ``folder``, which came to ``result``; one that was given up keeps it. Raises StorageError."""
    if not isinstance(result, Lost):
        _gone(folder)


def _gone(folder: Path | None) -> None:
    if folder is not None:
        with storage_errors(folder / AT_WORK):
            (folder / AT_WORK).unlink(missing_ok=True)
