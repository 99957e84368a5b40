"""ccxt's requests on our own road: the deadlines, retries, limits and strict reading that every other venue has."""

import copy
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from core.errors import APIError
from exchanges.ccxt_facts import WEIGHT_UNIT
from exchanges.ccxt_library import meanings, short
from exchanges.facts import Refusal
from exchanges.http import HttpCore
from exchanges.http_replies import VenueError

_MESSAGES = ("msg", "message", "retMsg", "error_message", "errorMessage", "err-msg", "error", "reason", "detail")
# Statuses that need no words of the venue.
_SPEAKING = (401, 403, 404, 451)


class CcxtRoad:
    """Sends what a ccxt client wants to send; not thread safe, like the client itself.

    ccxt's own pacing is told to our limiter: the weight of each request and the time that the exchange wants between two of weight 1 are
    ccxt's figures, and the limiter shares them among all threads and processes. Every request is one for public data, and so may be
    tried again, whatever its method.
    """

    def __init__(self, library: Any, client: Any) -> None:
        """Take over the requests of ``client``."""
        self._library, self._client = library, client
        self._http: HttpCore | None = None
        self._others: dict[str, HttpCore] = {}
        self._weight = WEIGHT_UNIT
        self._meanings = meanings(library)
        client.fetch = self._fetch
        client.throttle = self._weigh

    def use(self, http: HttpCore) -> None:
        """Send from now on by ``http``, or by others like it where ccxt names another host."""
        self._http = http
        self._client.milliseconds = http.clock.now_ms
        self._client.seconds = lambda: http.clock.now_ms() // 1000

    def error_in(self, status: int, said: Any) -> VenueError | None:
        """Return the error that ccxt finds in an answer, named by the class that it would raise."""
        text = said if isinstance(said, str) else self._client.json(said)
        try:
            self._client.handle_errors(status, "", "", "GET", {}, text, said, {}, None)
        except self._library.BaseError as error:
            kind = type(error).__name__
            if status < 400 or self._meanings.get(kind) != Refusal.REQUEST:
                return VenueError(kind, _message(said) or short(str(error)))
        except (AttributeError, LookupError, TypeError, ValueError):
            # What is so odd that ccxt stumbles is judged by its status, and by the strict readers after it.
            return None
        # An error that ccxt does not know says what it is by its status, in the venue's words where it has some.
        told = _message(said)
        return VenueError(str(status), told) if told and status >= 400 and status not in _SPEAKING else None

    def _weigh(self, cost: float | None = None) -> None:
        self._weight = max(math.ceil((1.0 if cost is None else float(cost)) * WEIGHT_UNIT), 1)

    def _fetch(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | None = None) -> Any:
        parts = urlsplit(url)
        http = self._core(f"{parts.scheme}://{parts.netloc}")
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        sent = {str(name): str(value) for name, value in {**(self._client.headers or {}), **(headers or {})}.items()}
        weight, self._weight = self._weight, WEIGHT_UNIT
        if method == "GET":
            return http.get(target, weight=weight, headers=sent).json
        if method == "POST":
            return http.post(target, (body or "").encode(), weight=weight, headers=sent, idempotent=True).json
        raise APIError(f"{http.venue.name}: ccxt asks by {short(method)}, which is no way to read candles. Use another exchange.")

    def _core(self, origin: str) -> HttpCore:
        """Return the way to ``origin``; where ``<VENUE>_BASE_URL`` is set all go there."""
        http = self._http
        if http is None:
            raise APIError("ccxt sends a request before its way is known.")
        if origin == http.venue.base_url or http.base_url != http.venue.base_url.rstrip("/"):
            return http
        if origin not in self._others:
            self._others[origin] = HttpCore(replace(http.venue, base_url=origin), http.clock, http.limiter, read_error=self.error_in)
        other = copy.copy(self._others[origin])
        other.policy = http.policy
        return other


def _message(said: Any) -> str:
    """Return what the venue itself says in an answer that is an error."""
    if not isinstance(said, dict):
        return ""
    return next((short(said[name]) for name in _MESSAGES if isinstance(said.get(name), str) and said[name].strip()), "")
