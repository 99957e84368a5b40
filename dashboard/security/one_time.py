"""Secrets that let one browser in, once: the printed address holds one."""

import secrets
import threading
from collections.abc import Callable

from dashboard.security.digests import digest

_KEPT = 8


class OneTimeTokens:
    """The tokens that are still good: at most eight, of which only digests are kept. ``on_spent`` is called after one was used."""

    def __init__(self) -> None:
        self.on_spent: Callable[[], None] | None = None
        self._digests: list[str] = []
        self._lock = threading.Lock()

    def issue(self) -> str:
        """Return a fresh token of 256 bits."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._digests = [*self._digests, digest(token)][-_KEPT:]
        return token

    def spend(self, token: str) -> bool:
        """Return whether ``token`` was good; it no longer is."""
        found = digest(token)
        with self._lock:
            if found not in self._digests:
                return False
            self._digests.remove(found)
        if self.on_spent is not None:
            self.on_spent()
        return True
