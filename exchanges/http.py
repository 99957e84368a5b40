"""The one way to a venue over HTTP: within its limits, with deadlines, retried where that is harmless, with errors that say what to do."""

import copy
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

import requests
from urllib3.exceptions import HTTPError as Urllib3Error
from urllib3.util import Timeout

from core.clock import monotonic_seconds
from core.errors import PipelineError, RateLimitError
from exchanges.addresses import base_address
from exchanges.breaker import CircuitBreaker
from exchanges.facts import Refusal, VenueFacts
from exchanges.http_replies import ErrorReader, HttpReply, code_and_message, judge, masking, strict_json, without_secrets
from exchanges.http_troubles import Trouble, broken_connection
from exchanges.limits import Limit, Limiter
from exchanges.timing import SYSTEM_CLOCK, Clock
from exchanges.transport import new_session, read_body

_LOG = logging.getLogger(__name__)
Params = Sequence[tuple[str, str | int]]


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """How long to wait and how often to try: seconds for one request and for one call with its retries; waits between the attempts."""

    request_deadline_s: float = 30.0
    call_deadline_s: float = 600.0
    waits_s: tuple[float, ...] = (1.0, 2.0, 4.0)
    jitter_s: float = 0.5
    most_bytes: int = 64_000_000


@dataclass(frozen=True, slots=True, repr=False)
class Signed:
    """A query and headers that carry secrets; without a repr, so that no traceback shows them."""

    query: str
    headers: Mapping[str, str]


class Signer(Protocol):
    """Adds what proves who asks; called anew for each attempt, since time stamps grow old."""

    def sign(self, method: str, path: str, query: str, body: bytes) -> Signed:
        """Return the query and the headers to send. ``path`` is that of the address, ``query`` percent-encoded, without ``?``."""
        ...

    def resync(self) -> None:
        """Ask the venue for its time: it has refused a time stamp."""
        ...


@dataclass(frozen=True, slots=True, repr=False)
class _Request:
    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    weight: int
    limits: tuple[Limit, ...]
    signed: Signer | None
    parse: Callable[[bytes], Any]
    retried: bool
    absent: int | None = None


class HttpCore:
    """Requests to one venue; thread safe.

    The address is that of ``venue`` or ``<VENUE>_BASE_URL``. GETs are tried up to four times, with waits of 1, 2 and 4 s plus jitter
    where the venue does not say how long to wait. A request has 30 s, a call with its retries and waits 10 min. Redirects are not
    followed, bodies are capped at 64 MB. After ten failed requests in a row a host is left alone for a minute. Errors name the host,
    the cause and a remedy, and never a query, key or signature.
    """

    def __init__(
        self,
        venue: VenueFacts,
        clock: Clock = SYSTEM_CLOCK,
        limiter: Limiter | None = None,
        session: requests.Session | None = None,
        *,
        policy: HttpPolicy | None = None,
        jitter: random.Random | None = None,
        read_error: ErrorReader = code_and_message,
    ) -> None:
        """Talk to ``venue``; ``read_error`` finds its error code in a body. ConfigError for a bad ``<VENUE>_BASE_URL``."""
        self.venue, self.clock = venue, clock
        self.policy = policy or HttpPolicy()
        self.limiter = limiter or Limiter(None, clock, venue.limit_share)
        self.breaker = CircuitBreaker(clock)
        self.base_url = base_address(venue.name, venue.base_url)
        own_address = self.base_url == venue.base_url.rstrip("/")
        self.account_url = venue.account_url if venue.account_url and own_address else self.base_url
        self._limits = venue.limits
        self._session = session or new_session(self.base_url)
        self._jitter = jitter or random.Random()
        self._read_error = read_error

    def get(
        self,
        path: str,
        params: Params = (),
        *,
        weight: int = 1,
        group: str = "",
        headers: Mapping[str, str] | None = None,
        signed: Signer | None = None,
        parse: Callable[[bytes], Any] = strict_json,
        absent: int | None = None,
    ) -> HttpReply:
        """Return the venue's answer to a GET of ``path`` (from the base address on), its body read by ``parse``.

        ``weight`` is charged to the limits of ``group``; the status ``absent`` is an answer too, one that says nothing. Raises
        CredentialError, RateLimitError, APIError, ConfigError for a symbol that the venue does not know, and DataError for a body that
        ``parse`` refuses.
        """
        return self._call(
            _Request("GET", path, urlencode(params), b"", headers or {}, weight, self.limits(group), signed, parse, True, absent)
        )

    def post(
        self,
        path: str,
        body: bytes,
        *,
        weight: int = 1,
        group: str = "",
        headers: Mapping[str, str] | None = None,
        signed: Signer | None = None,
        parse: Callable[[bytes], Any] = strict_json,
        idempotent: bool = False,
    ) -> HttpReply:
        """Return the venue's answer to a POST of ``body``; tried again like a GET only when it is ``idempotent``, such as a read."""
        return self._call(_Request("POST", path, "", body, headers or {}, weight, self.limits(group), signed, parse, idempotent))

    def once(self) -> "HttpCore":
        """Return the same way to the venue with one attempt of at most 15 s: for callers that wait and try again themselves."""
        single = copy.copy(self)
        single.policy = replace(self.policy, waits_s=(), request_deadline_s=min(self.policy.request_deadline_s, 15.0))
        return single

    def limits(self, group: str = "") -> tuple[Limit, ...]:
        """Return the limits that bind requests of ``group``."""
        return tuple(limit for limit in self._limits if limit.group == group)

    def set_weight_limit(self, weight: int) -> None:
        """Replace the venue's main limit by what the venue says it is now."""
        main = self._limits[0]
        self._limits = (Limit(max(weight, 1), main.window_s, main.group), *self._limits[1:])

    @property
    def host(self) -> str:
        """The host of public requests, with its port if it has one."""
        return urlsplit(self.base_url).netloc

    def _call(self, request: _Request) -> HttpReply:
        started, attempts, resynced = self.clock.monotonic(), len(self.policy.waits_s) + 1, False
        host = urlsplit(self._address(request)).netloc
        self.breaker.admit(host, f"{self.venue.name} ({host})")
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(request, started)
            if isinstance(outcome, HttpReply):
                self.breaker.worked(host)
                return outcome
            if outcome.wait_s is not None:
                # Not only this call waits: every next request, ours or anybody's, waits until the host is open again.
                self.limiter.close(host, outcome.wait_s, banned=not outcome.again)
            if outcome.kind == Refusal.CLOCK and request.signed is not None and not resynced:
                request.signed.resync()
                resynced = True
                continue
            if not (outcome.again and (request.retried or outcome.unsent)) or attempt >= attempts:
                raise self._given_up(host, outcome, attempt) from None
            self._pause(host, outcome, attempt, started)

    def _given_up(self, host: str, trouble: Trouble, attempt: int) -> PipelineError:
        """Return the error of a call that ends, and take note whether the host is worth asking again."""
        if trouble.again and not isinstance(trouble.error, RateLimitError):
            self.breaker.failed(host, attempt, trouble.error)
        elif trouble.heard:
            self.breaker.worked(host)
        return trouble.final(attempt)

    def _attempt(self, request: _Request, started: float) -> "HttpReply | Trouble":
        address = self._address(request)
        host = urlsplit(address).netloc
        patience_s = max(self.policy.call_deadline_s - (self.clock.monotonic() - started), 0.0)
        self.limiter.acquire(host, request.weight, request.limits, patience_s)
        query, headers = request.query, dict(request.headers)
        if request.signed is not None:
            signature = request.signed.sign(request.method, urlsplit(address).path + request.path, query, request.body)
            query, headers = signature.query, headers | dict(signature.headers)
        name = f"{self.venue.name} ({host})"
        began = monotonic_seconds()
        try:
            url = f"{address}{request.path}{'?' if query else ''}{query}"
            status, received, body = self._exchange(request, url, headers, name, self._request_time(started))
        except (requests.RequestException, Urllib3Error, OSError, UnicodeError) as error:
            _LOG.debug("%s %s %s: %s", self.venue.name, request.method, request.path, type(error).__name__)
            return broken_connection(name, error, self.policy.request_deadline_s)
        except PipelineError as error:
            return Trouble(error, again=True)
        took_ms = (monotonic_seconds() - began) * 1000
        _LOG.debug("%s %s %s: %d, %d bytes, %.0f ms", self.venue.name, request.method, request.path, status, len(body), took_ms)
        self._report_used(host, received, request.limits)
        if status == request.absent:
            return HttpReply(status, received, body)
        read_error = self._read_error if request.signed is None else masking(self._read_error, query, headers)
        outcome = judge(self.venue, name, HttpReply(status, received, body), read_error, request.parse, self.clock)
        if isinstance(outcome, Trouble) and request.signed is not None:
            outcome.error.args = (without_secrets(str(outcome.error), query, headers),)
        return outcome

    def _request_time(self, started: float) -> float:
        """Return the seconds that the next request may take: its own time, and no more than its call has left."""
        left_s = self.policy.call_deadline_s - (self.clock.monotonic() - started)
        return min(self.policy.request_deadline_s, max(left_s, 1.0))

    def _exchange(
        self, request: _Request, url: str, headers: Mapping[str, str], name: str, seconds: float
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send once and read the whole answer, within one deadline and one size."""
        sent = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "strategy-pipeline"} | dict(headers)
        timeout: Any = Timeout(total=seconds)  # requests passes it on as it is
        with self._session.request(
            request.method, url, data=request.body or None, headers=sent, timeout=timeout, stream=True, allow_redirects=False
        ) as response:
            return response.status_code, response.headers, read_body(response, name, self.policy.most_bytes)

    def _pause(self, host: str, trouble: Trouble, attempt: int, started: float) -> None:
        """Wait before the next attempt, longer from attempt to attempt; where the venue wants to be left alone, the limiter waits."""
        wait_s = trouble.wait_s
        if wait_s is None:
            wait_s = self.policy.waits_s[attempt - 1] + self._jitter.uniform(0.0, self.policy.jitter_s)
        if wait_s > self.policy.call_deadline_s - (self.clock.monotonic() - started):
            raise self._given_up(host, trouble, attempt) from None
        _LOG.info("%s Attempt %d of %d failed; the next in %.1f s.", trouble.error, attempt, len(self.policy.waits_s) + 1, wait_s)
        if trouble.wait_s is None and isinstance(trouble.error, RateLimitError):
            self.limiter.close(host, wait_s)
        elif trouble.wait_s is None:
            self.clock.sleep(wait_s)

    def _report_used(self, host: str, headers: Mapping[str, str], limits: Sequence[Limit]) -> None:
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        for limit in limits:
            if limit.window_s == 60 and not limit.group and used.isascii() and used.isdigit():
                self.limiter.report(host, int(used[:9]), limit)

    def _address(self, request: _Request) -> str:
        return self.account_url if request.signed is not None else self.base_url
