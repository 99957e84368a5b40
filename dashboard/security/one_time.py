"""Secrets that let one browser in, once: the printed address holds one."""

import secrets
import threading
from collections.abc import Callable

from dashboard.security.digests import digest

_KEPT = 8


class OneTimeTokens:
    """The tokens that are still good: the last eight, of which only digests are kept. ``on_spent`` is called after one was used."""

    def __init__(self) -> None:
        self.on_spent: Callable[[], None] | None = None
        self._pages: dict[str, str] = {}
        self._lock = threading.Lock()

    def issue(self, page: str = "/") -> str:
        """Return a fresh token of 256 bits that leads to ``page``, the path of a page of the dashboard."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._pages[digest(token)] = page
            while len(self._pages) > _KEPT:
                del self._pages[next(iter(self._pages))]
        return token

    def spend(self, token: str) -> str | None:
        """Return the page to which ``token`` leads, if it is still good; it no longer is."""
        with self._lock:
            page = self._pages.pop(digest(token), None)
        if page is not None and self.on_spent is not None:
            self.on_spent()
        return page
