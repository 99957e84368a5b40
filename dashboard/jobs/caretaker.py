"""Seeing to it, while a server is there, that jobs are looked after, whether a page looks on or not."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)

_EVERY_SECONDS = 10.0


class Caretaker:
    """Calls ``tend`` at once and then every so many seconds, in a thread of its own, until the block ends."""

    def __init__(self, tend: Callable[[], None], every: float = _EVERY_SECONDS) -> None:
        self._tend, self._every = tend, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="caretaker", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join(5)

    def _work(self) -> None:
        told = ""
        while True:
            try:
                self._tend()
                told = ""
            except Exception as error:
                if told != repr(error):
                    told = repr(error)
                    log.warning("jobs are not looked after: %s", error, exc_info=None if isinstance(error, OSError) else error)
            if self._over.wait(self._every):
                return
