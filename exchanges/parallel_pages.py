"""One page of candles without waiting for it: the venue's dialect is led through its requests with answers that came earlier."""

from collections.abc import Mapping
from typing import Any, NoReturn, Protocol

from core.timeframe import Timeframe
from exchanges.http import HttpCore, Params, Signer
from exchanges.http_replies import HttpReply, strict_json
from exchanges.paging import Columns
from exchanges.parallel_http import Call
from exchanges.rest_exchange import RestExchange


class Ask(Protocol):
    """Sends a request and returns its answer."""

    async def __call__(self, call: Call) -> HttpReply: ...


class _Needs(Exception):
    """The dialect asks for something that has not been fetched yet."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


class _Answered(HttpCore):
    """Stands in for the way to the venue: gives the answers that are there, in order, and names the first that is missing."""

    def __init__(self, http: HttpCore, replies: list[HttpReply]) -> None:
        self.venue, self.clock, self._limits = http.venue, http.clock, http._limits
        self._replies = iter(replies)

    def get(
        self,
        path: str,
        params: Params = (),
        *,
        weight: int = 1,
        group: str = "",
        headers: Mapping[str, str] | None = None,
        signed: Signer | None = None,
        parse: Any = strict_json,
        absent: int | None = None,
    ) -> HttpReply:
        if signed is not None or absent is not None:
            _refuse()
        reply = next(self._replies, None)
        if reply is None:
            raise _Needs(Call(path, params, weight, group, headers or {}, parse))
        return reply

    def post(self, *_arguments: Any, **_named: Any) -> HttpReply:
        return _refuse()


def _refuse() -> NoReturn:
    raise NotImplementedError("candles that need a signature or a POST are not downloaded in parallel")


async def fetch_page(
    exchange: RestExchange, ask: Ask, symbol: str, timeframe: Timeframe, start_ms: int, end_ms: int, now_ms: int
) -> Columns:
    """Return what ``exchange.fetch_page`` returns, and raise what it raises, with requests sent by ``ask``."""
    replies: list[HttpReply] = []
    while True:
        answered = RestExchange(exchange.facts, exchange.dialect, _Answered(exchange.http, replies))
        try:
            return answered.fetch_page(symbol, timeframe, start_ms, end_ms, now_ms)
        except _Needs as needs:
            replies.append(await ask(needs.call))
