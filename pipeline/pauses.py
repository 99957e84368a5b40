"""Waiting, as something that is handed in, so that tests need not wait."""

import time
from collections.abc import Callable

Pause = Callable[[float], None]


def sleep(seconds: float) -> None:
    """Wait for ``seconds``."""
    time.sleep(seconds)
