"""The way to a venue for many requests at once: the rules of ``HttpCore``, on aiohttp."""

import asyncio
import random
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import aiohttp
import requests
from requests.utils import get_environ_proxies
from yarl import URL

from core.errors import PipelineError, RateLimitError
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore, HttpPolicy, Params
from exchanges.http_replies import ErrorReader, HttpReply, code_and_message, judge, strict_json
from exchanges.http_troubles import Trouble, broken_connection
from exchanges.limits import Limit, Limiter
from exchanges.timing import SYSTEM_CLOCK, Clock
from exchanges.transport import body_sink


@dataclass(frozen=True, slots=True)
class Call:
    """A GET that carries no secret: path from the base address on, parameters, weight and the group of limits it counts in."""

    path: str
    params: Params = ()
    weight: int = 1
    group: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    parse: Callable[[bytes], Any] = strict_json


class ParallelHttp:
    """GETs to one venue, any number at once, within its limits; an async context manager.

    Attempts, waits, deadlines, size cap and errors are those of ``HttpCore``.
    """

    def __init__(
        self,
        venue: VenueFacts,
        base_url: str,
        limits: Callable[[str], tuple[Limit, ...]],
        limiter: Limiter,
        *,
        clock: Clock = SYSTEM_CLOCK,
        policy: HttpPolicy | None = None,
        read_error: ErrorReader = code_and_message,
        jitter: random.Random | None = None,
    ) -> None:
        """Talk to ``base_url`` under the ``limits`` of a request's group, with the budget of ``limiter``."""
        self._venue, self._base_url, self._limits, self._limiter = venue, base_url, limits, limiter
        self._clock, self._policy = clock, policy or HttpPolicy()
        self._read_error, self._jitter = read_error, jitter or random.Random()
        self._host = urlsplit(base_url).netloc
        self._name = f"{venue.name} ({self._host})"
        self._proxy = get_environ_proxies(base_url).get(urlsplit(base_url).scheme)
        self._turn = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None

    @classmethod
    def beside(cls, http: HttpCore, *, limiter: Limiter | None = None) -> Self:
        """Return a way to where ``http`` leads, by its rules; it shares the budget unless it gets another ``limiter``."""
        return cls(
            http.venue, http.base_url, http.limits, limiter or http.limiter,
            clock=http.clock, policy=http.policy, read_error=http._read_error, jitter=http._jitter,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, call: Call, *, absent: int | None = None, most_bytes: int | None = None) -> HttpReply | None:
        """Return the answer, its body read by ``call.parse``; None for the status ``absent``. Raises what ``HttpCore.get`` raises."""
        started, attempt = self._clock.monotonic(), 0
        while True:
            attempt += 1
            outcome = await self._attempt(call, started, absent, most_bytes or self._policy.most_bytes)
            if not isinstance(outcome, Trouble):
                return outcome
            if outcome.wait_s is not None:
                self._limiter.close(self._host, outcome.wait_s, banned=not outcome.again)
            if not outcome.again or attempt > len(self._policy.waits_s):
                raise outcome.final(attempt)
            await self._pause(outcome, attempt, started)

    async def _attempt(self, call: Call, started: float, absent: int | None, most_bytes: int) -> HttpReply | Trouble | None:
        limits = self._limits(call.group)
        await self._acquire(call.weight, limits, self._left_s(started))
        try:
            status, headers, body = await self._exchange(call, most_bytes)
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return broken_connection(self._name, requests.exceptions.SSLError(), self._policy.request_deadline_s)
        except (aiohttp.ClientError, OSError, UnicodeError) as error:
            return broken_connection(self._name, error, self._policy.request_deadline_s)
        except PipelineError as error:
            return Trouble(error, again=True)
        if status == absent:
            return None
        self._report_used(headers, limits)
        return judge(self._venue, self._name, HttpReply(status, headers, body), self._read_error, call.parse, self._clock)

    async def _exchange(self, call: Call, most_bytes: int) -> tuple[int, Mapping[str, str], bytes]:
        """Send once and read the whole answer, within one deadline and one size."""
        assert self._session is not None
        query = urlencode(call.params)
        url = f"{self._base_url}{call.path}{'?' if query else ''}{query}"
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "strategy-pipeline", **call.headers}
        timeout = aiohttp.ClientTimeout(total=self._policy.request_deadline_s)
        async with self._session.get(
            URL(url, encoded=True), headers=headers, timeout=timeout, allow_redirects=False, proxy=self._proxy
        ) as reply:
            sink = body_sink(reply.headers.get("Content-Encoding", "identity"), self._name, most_bytes)
            async for chunk in reply.content.iter_any():
                sink.feed(chunk)
            return reply.status, reply.headers, sink.finish()

    async def _acquire(self, weight: int, limits: tuple[Limit, ...], patience_s: float) -> None:
        """Wait until the request may be sent; one at a time, so that they leave in the order in which they came."""
        began = self._clock.monotonic()
        async with self._turn:
            while wait_s := self._limiter.reserve(self._host, weight, limits):
                if self._clock.monotonic() - began + wait_s > patience_s:
                    raise RateLimitError(
                        f"{self._name} takes no more requests for {wait_s:.0f} s, longer than a call may last. Try again later."
                    )
                await self._sleep(wait_s)

    async def _pause(self, trouble: Trouble, attempt: int, started: float) -> None:
        """Wait before the next attempt, longer from attempt to attempt; where the venue said how long, the limiter waits instead."""
        wait_s = trouble.wait_s
        if wait_s is None:
            wait_s = self._policy.waits_s[attempt - 1] + self._jitter.uniform(0.0, self._policy.jitter_s)
        if wait_s > self._left_s(started):
            raise trouble.final(attempt)
        if trouble.wait_s is None:
            await self._sleep(wait_s)

    async def _sleep(self, seconds: float) -> None:
        if self._clock is SYSTEM_CLOCK:
            await asyncio.sleep(seconds)
            return
        # A clock that was put in its place decides itself how long that takes.
        self._clock.sleep(seconds)
        await asyncio.sleep(0)

    def _left_s(self, started: float) -> float:
        return max(self._policy.call_deadline_s - (self._clock.monotonic() - started), 0.0)

    def _report_used(self, headers: Mapping[str, str], limits: tuple[Limit, ...]) -> None:
        used = headers.get("X-MBX-USED-WEIGHT-1M", "")
        for limit in limits:
            if limit.window_s == 60 and not limit.group and used.isascii() and used.isdigit():
                self._limiter.report(self._host, int(used[:9]), limit)
