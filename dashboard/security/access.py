"""Who is asking: a browser that signed in, a script that knows the token, or nobody that is known."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from flask import g, request
from werkzeug.exceptions import Unauthorized

from core.paths import Paths
from dashboard.options import DashboardOptions
from dashboard.security.csrf import csrf_token
from dashboard.security.digests import digest
from dashboard.security.one_time import OneTimeTokens
from dashboard.security.sessions import LIFETIME_S, SessionStore

# What anybody on this machine may see: how to sign in, files that come with the program, and whether it runs.
PUBLIC_PREFIXES = ("/static/", "/assets/")
PUBLIC_PATHS = frozenset({"/sign-in", "/api/v1/health"})

_SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request. ``key`` tells callers apart without telling their secret; ``csrf`` is what their pages send with changes."""

    kind: Literal["session", "script"]
    key: str
    csrf: str = ""


class Access:
    """Signs browsers in and recognizes callers."""

    def __init__(self, paths: Paths, options: DashboardOptions) -> None:
        self.options = options
        self.tokens = OneTimeTokens()
        self.cookie_name = f"dashboard-{hashlib.sha256(str(paths.data.resolve()).encode()).hexdigest()[:12]}"
        self.lifetime_s = LIFETIME_S
        self._sessions = SessionStore(paths.dashboard / "sessions.json")
        self._script = digest(options.script_token) if options.script_token else ""

    def open_session(self) -> str:
        """Let a browser in that brought a good token: return the cookie of its session."""
        return self._sessions.open()

    def sign_out(self) -> None:
        """End the session of the request in hand."""
        self._sessions.close(request.cookies.get(self.cookie_name, ""))

    def watch(self) -> Callable[[], bool]:
        """Return what tells, also after the request in hand, whether its sender is still let in: a session may end meanwhile."""
        caller, cookie = current_caller(), request.cookies.get(self.cookie_name, "")
        return lambda: caller is not None and (caller.kind == "script" or self._sessions.holds(cookie))

    def recognize(self) -> Caller | None:
        """Return who sent the request in hand, None when it brings no secret. Raises Unauthorized for a wrong one of a script."""
        authorization = request.headers.get("Authorization", "")
        if authorization:
            return self._script_of(authorization)
        cookie = request.cookies.get(self.cookie_name, "")
        if cookie and self._sessions.holds(cookie):
            return Caller("session", digest(cookie)[:16], csrf_token(cookie))
        return None

    def _script_of(self, authorization: str) -> Caller:
        if not self._script:
            raise Unauthorized("Scripts are not let in: DASHBOARD_TOKEN is not set in config/.env.")
        given = digest(authorization[len(_SCHEME) :].strip())
        if not authorization.lower().startswith(_SCHEME) or not hmac.compare_digest(given, self._script):
            raise Unauthorized("The token is not DASHBOARD_TOKEN of config/.env. Send it as Authorization: Bearer TOKEN.")
        return Caller("script", given[:16])


def is_public() -> bool:
    """Return whether the request in hand asks for what anybody may see."""
    return request.path in PUBLIC_PATHS or request.path.startswith(PUBLIC_PREFIXES)


def current_caller() -> Caller | None:
    """Return who sent the request in hand, None for somebody unknown who asks for something public."""
    caller: Caller | None = g.get("caller")
    return caller


def caller_key() -> str:
    """Return what tells callers apart, for limits of their rates."""
    caller = current_caller()
    return f"{caller.kind}:{caller.key}" if caller else f"address:{request.remote_addr}"
