"""Ctrl-C and SIGTERM: stop within seconds, say what is saved, and do not wait for a clean-up that hangs.

Everything on disk is safe at any moment (the commit protocol and the ledger see to that), so leaving at once loses nothing.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

CLEANUP_SECONDS = 3.0
# Storing what many downloads had under way may take a little longer.
STORING_SECONDS = 4.0
_SHOW_CURSOR = "\x1b[?25h"


class Terminated(KeyboardInterrupt):
    """SIGTERM was received; it unwinds like Ctrl-C, so that libraries clean up in the same way."""


class Interrupts:
    """The signals of one process. ``farewell`` returns the text to leave with: how much is saved, and how to continue.

    ``ctrl_c_is_the_end``: what the process does is ended by Ctrl-C, and well ended, however long its clean-up takes.
    """

    def __init__(self) -> None:
        self.farewell: Callable[[], str] = str
        self.ctrl_c_is_the_end = False
        self._received = 0
        self._owner = os.getpid()
        self._stop: threading.Event | None = None

    def install(self) -> None:
        """Take over SIGINT (unless it is ignored, as under nohup) and SIGTERM; for the main thread only."""
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._handle)
        signal.signal(signal.SIGTERM, self._handle)

    @property
    def received(self) -> int:
        """The number of the signal that came first, 0 when none did."""
        return self._received

    @contextmanager
    def gently(self) -> Iterator[threading.Event]:
        """Let the first signal only set the event that is yielded, so that work which looks at it can put away what it has in hand.

        KeyboardInterrupt (or Terminated) is raised at the end then; work that does not end in time is left as by a second signal.
        """
        self._stop = threading.Event()
        try:
            yield self._stop
        finally:
            self._stop = None
        if self._received:
            raise self._error()

    def exit_code(self, error: BaseException) -> int:
        """Return 143 after SIGTERM, else 130."""
        terminated = self._received == signal.SIGTERM or isinstance(error, Terminated)
        return 128 + (signal.SIGTERM if terminated else signal.SIGINT)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        del frame
        if os.getpid() != self._owner:  # a forked worker that inherited this handler
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        if self._received:
            self._leave_now()
        self._received = number
        watchdog = threading.Timer(CLEANUP_SECONDS if self._stop is None else STORING_SECONDS, self._leave_now)
        watchdog.daemon = True
        watchdog.start()
        if self._stop is None:
            raise self._error()
        self._stop.set()

    def _error(self) -> KeyboardInterrupt:
        return Terminated() if self._received == signal.SIGTERM else KeyboardInterrupt()

    def _leave_now(self) -> NoReturn:
        """Say goodbye and end this process and its workers without any clean-up."""
        for child in multiprocessing.active_children():
            child.kill()
        with contextlib.suppress(Exception):
            cursor = _SHOW_CURSOR if sys.stdout is not None and sys.stdout.isatty() else ""
            os.write(2, f"{cursor}\n{self.farewell()}\n".encode())
        os._exit(0 if self.ctrl_c_is_the_end and self._received == signal.SIGINT else 128 + self._received)
