"""Who is signed in: digests of cookies in ``data/dashboard/sessions.json``, shared by all dashboards on one data folder."""

import logging
import secrets
import threading
from pathlib import Path

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.clock import now_ms
from core.errors import CorruptFileError, StorageError
from dashboard.locks import waiting_for
from dashboard.security.digests import digest
from dashboard.security.session_file import State, read_sessions, state_of

log = logging.getLogger(__name__)

LIFETIME_S = 30 * 86_400
MAX_SESSIONS = 100


class SessionStore:
    """The sessions in one file; a session ends after 30 days, when it is signed out, or when a hundred newer ones are there.

    Only digests are kept, so that nobody can sign in with what the file holds. A server restart changes nothing. Thread-safe.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._state: State | None = None
        self._kept: dict[str, int] = {}
        # What a disk that refuses could not be told; the next change that it takes tells it.
        self._unwritten: dict[str, int] = {}
        self._ended: set[str] = set()

    def open(self) -> str:
        """Start a session and return its cookie, 256 random bits."""
        cookie = secrets.token_urlsafe(32)
        self._change({digest(cookie): now_ms()}, set())
        return cookie

    def holds(self, cookie: str) -> bool:
        """Return whether ``cookie`` is of a session that is still open."""
        found = digest(cookie)
        with self._lock:
            created = self._current().get(found)
        return created is not None and _is_alive(created)

    def close(self, cookie: str) -> None:
        """End the session of ``cookie``."""
        self._change({}, {digest(cookie)})

    def _change(self, added: dict[str, int], removed: set[str]) -> None:
        with self._lock:
            self._unwritten = _pruned(self._unwritten | added, removed)
            self._ended |= removed
            try:
                with waiting_for(self._path.with_suffix(".lock")):
                    sessions = _pruned(self._read() | self._unwritten, self._ended)
                    write_bytes(self._path, dump_bytes({"schema": 1, "sessions": sessions}))
            except StorageError as error:
                log.warning("%s Sign-ins and sign-outs last until the dashboard ends.", error)
            else:
                self._state, self._unwritten, self._ended = None, {}, set()

    def _current(self) -> dict[str, int]:
        state = state_of(self._path)
        if state != self._state or self._state is None:
            self._kept, self._state = self._read(), state
        return _pruned(self._kept | self._unwritten, self._ended)

    def _read(self) -> dict[str, int]:
        try:
            return read_sessions(self._path)
        except CorruptFileError as error:
            log.warning("%s Whoever was signed in has to sign in again.", error)
            return {}


def _is_alive(created: int) -> bool:
    return 0 <= now_ms() - created < LIFETIME_S * 1000


def _pruned(sessions: dict[str, int], removed: set[str]) -> dict[str, int]:
    alive = [(created, name) for name, created in sessions.items() if name not in removed and _is_alive(created)]
    return {name: created for created, name in sorted(alive)[-MAX_SESSIONS:]}
