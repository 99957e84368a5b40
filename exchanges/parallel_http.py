"""The way to a venue for many requests at once: the rules of ``HttpCore``, on aiohttp."""

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from core.errors import PipelineError, RateLimitError
from exchanges.breaker import CircuitBreaker
from exchanges.facts import VenueFacts
from exchanges.http import HttpCore, HttpPolicy, Params
from exchanges.http_replies import ErrorReader, HttpReply, code_and_message, judge, strict_json
from exchanges.http_troubles import Trouble, broken_connection
from exchanges.limits import Limit, Limiter
from exchanges.parallel_transport import ParallelTransport
from exchanges.timing import SYSTEM_CLOCK, Clock


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

    Attempts, waits, deadlines, size cap, circuit breaker and errors are those of ``HttpCore``.
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
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Talk to ``base_url`` under the ``limits`` of a request's group, with the budget of ``limiter``."""
        self._venue, self._base_url, self._limits, self._limiter = venue, base_url, limits, limiter
        self._clock, self._policy = clock, policy or HttpPolicy()
        self._read_error, self._jitter = read_error, jitter or random.Random()
        self._host = urlsplit(base_url).netloc
        self._name = f"{venue.name} ({self._host})"
        self._breaker = breaker or CircuitBreaker(clock)
        self._turn = asyncio.Lock()
        self._transport = ParallelTransport(base_url, self._name)

    @classmethod
    def beside(cls, http: HttpCore, *, limiter: Limiter | None = None) -> Self:
        """Return a way to where ``http`` leads, by its rules; it shares the budget unless it gets another ``limiter``."""
        return cls(
            http.venue, http.base_url, http.limits, limiter or http.limiter,
            clock=http.clock, policy=http.policy, read_error=http._read_error, jitter=http._jitter, breaker=http.breaker,
        )  # fmt: skip

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def get(self, call: Call, *, absent: int | None = None, most_bytes: int | None = None) -> HttpReply | None:
        """Return the answer, its body read by ``call.parse``; None for the status ``absent``. Raises what ``HttpCore.get`` raises."""
        started, attempt = self._clock.monotonic(), 0
        self._breaker.admit(self._host, self._name)
        while True:
            attempt += 1
            outcome = await self._attempt(call, started, absent, most_bytes or self._policy.most_bytes)
            if not isinstance(outcome, Trouble):
                self._breaker.worked(self._host)
                return outcome
            if outcome.wait_s is not None:
                self._limiter.close(self._host, outcome.wait_s, banned=not outcome.again)
            if not outcome.again or attempt > len(self._policy.waits_s):
                raise self._given_up(outcome, attempt)
            await self._pause(outcome, attempt, started)

    def _given_up(self, trouble: Trouble, attempt: int) -> PipelineError:
        """Return the error of a call that ends, and take note whether the host is worth asking again."""
        if trouble.again and not isinstance(trouble.error, RateLimitError):
            self._breaker.failed(self._host, attempt, trouble.error)
        elif trouble.heard:
            self._breaker.worked(self._host)
        return trouble.final(attempt)

    async def _attempt(self, call: Call, started: float, absent: int | None, most_bytes: int) -> HttpReply | Trouble | None:
        limits = self._limits(call.group)
        await self._acquire(call.weight, limits, self._left_s(started))
        try:
            status, headers, body = await self._exchange(call, most_bytes, self._request_time(started))
        except (OSError, UnicodeError) as error:
            return broken_connection(self._name, error, self._policy.request_deadline_s)
        except PipelineError as error:
            return Trouble(error, again=True)
        if status == absent:
            return None
        self._report_used(headers, limits)
        return judge(self._venue, self._name, HttpReply(status, headers, body), self._read_error, call.parse, self._clock)

    async def _exchange(self, call: Call, most_bytes: int, seconds: float) -> tuple[int, Mapping[str, str], bytes]:
        """Send once and read the whole answer, within one deadline and one size."""
        query = urlencode(call.params)
        url = f"{self._base_url}{call.path}{'?' if query else ''}{query}"
        headers = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": "strategy-pipeline", **call.headers}
        return await self._transport.get(url, headers, seconds, most_bytes)

    def _request_time(self, started: float) -> float:
        """Return the seconds that the next request may take: its own time, and no more than its call has left."""
        return min(self._policy.request_deadline_s, max(self._left_s(started), 1.0))

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
        """Wait before the next attempt, longer from attempt to attempt; where the venue wants to be left alone, the limiter waits."""
        wait_s = trouble.wait_s
        if wait_s is None:
            wait_s = self._policy.waits_s[attempt - 1] + self._jitter.uniform(0.0, self._policy.jitter_s)
        if wait_s > self._left_s(started):
            raise self._given_up(trouble, attempt)
        if trouble.wait_s is None and isinstance(trouble.error, RateLimitError):
            self._limiter.close(self._host, wait_s)
        elif trouble.wait_s is None:
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
