"""The five venues side by side: a fake of each with the same quarters of an hour, and how each one writes them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from config.secrets import Secrets
from core.candles import Candles
from core.timeframe import Timeframe
from exchanges.http import HttpPolicy
from exchanges.rest_exchange import RestExchange
from tests.fakes import binance, delta, dhan, zerodha
from tests.fakes.bars import Bar, saw
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.server import FakeVenue

QUARTER = Timeframe.parse("15m")
DAY_MS = 86_400_000
# The opening of the NSE's first session from START_MS on; the other venues trade then as at any time.
OPENING_MS = START_MS + DAY_MS + 225 * 60_000
# A session of the NSE has 25 quarters.
BARS = 25
END_MS = OPENING_MS + BARS * QUARTER.ms
NOW_MS = START_MS + 400 * DAY_MS
# One attempt, no waits: for tests of what one answer means.
ONCE = HttpPolicy(waits_s=())
FIELDS = ("time", "open", "high", "low", "close", "volume")
Clocked = Callable[[], int]


@dataclass(frozen=True)
class VenueCase:
    """One venue: its fake, its adapter, and its way to write a page of candles.

    ``page`` is what the path of a request for candles holds, ``put(said, row, field, raw)`` writes into a page, ``take(said, rows)``
    returns it with those rows only, ``number`` and ``time`` write a price and an open time (UTC ms); ``other_number`` writes a price as
    the venue never does. ``signs`` says whether requests for the account carry a time.
    """

    name: str
    symbol: str
    page: str
    account: str
    make: Callable[[Sequence[Bar], Clocked], FakeVenue]
    join: Callable[..., RestExchange]
    secrets: Callable[[], Any]
    keys: tuple[str, ...]
    put: Callable[[Any, int, str, Any], None]
    take: Callable[[Any, Sequence[int]], Any]
    number: Callable[[float], Any]
    other_number: Callable[[float], Any]
    time: Callable[[int], Any]
    signs: bool

    def fake(self, bars: Sequence[Bar] | None = None, now_ms: Clocked = lambda: NOW_MS) -> FakeVenue:
        """Return the venue with the quarters of one session, or with ``bars``."""
        return self.make(saw(range(OPENING_MS, END_MS, QUARTER.ms)) if bars is None else bars, now_ms)

    def exchange(
        self, venue: FakeVenue, clock: FakeClock | None = None, policy: HttpPolicy | None = None, page_bars: int = 0
    ) -> RestExchange:
        """Return the adapter, talking to ``venue``; with ``page_bars`` in pages of so many bars, and with no years without bars before."""
        exchange = self.join(venue, clock or FakeClock(NOW_MS), policy)
        if page_bars:
            exchange.facts = replace(exchange.facts, page_bars=page_bars, first_candle_ms=START_MS - 30 * DAY_MS)
        return exchange

    def fetch(self, exchange: RestExchange, bars: int = BARS) -> Candles:
        """Fetch the first ``bars`` quarters of the session."""
        return exchange.fetch(self.symbol, QUARTER, OPENING_MS, OPENING_MS + bars * QUARTER.ms)


def klines(bars: Sequence[Bar], step_ms: int) -> list[list[Any]]:
    """Return bars as Binance writes them."""
    return [
        [bar[0], *(f"{each:.8f}" for each in bar[1:]), bar[0] + step_ms - 1, f"{bar[5] * bar[4]:.8f}", 5, "1.00000000", "1.00000000", "0"]
        for bar in bars
    ]


def _days(bars: Sequence[Bar], offset_ms: int) -> list[Bar]:
    return saw(sorted({(bar[0] - offset_ms) // DAY_MS * DAY_MS + offset_ms for bar in bars}))


def _binance(cls: type[binance.FakeBinance]) -> Callable[[Sequence[Bar], Clocked], FakeVenue]:
    return lambda bars, now_ms: cls({("BTCUSDT", "15m"): klines(bars, QUARTER.ms)}, now_ms=now_ms, weight_limit=10**9)


def _delta(bars: Sequence[Bar], now_ms: Clocked) -> FakeVenue:
    return delta.FakeDelta({("BTCUSD", "15m"): bars, ("BTCUSD", "1d"): _days(bars, 0)}, now_ms=now_ms)


def _kite(bars: Sequence[Bar], now_ms: Clocked) -> FakeVenue:
    return zerodha.FakeKite({("INFY", "15minute"): bars, ("INFY", "day"): _days(bars, -zerodha.IST_MS)}, now_ms=now_ms)


def _dhan(bars: Sequence[Bar], now_ms: Clocked) -> FakeVenue:
    return dhan.FakeDhan({("INFY", "15"): bars, ("INFY", "day"): _days(bars, -dhan.IST_MS)}, now_ms=now_ms)


def _put_kline(said: Any, row: int, field: str, raw: Any) -> None:
    said[row][FIELDS.index(field)] = raw
    if field == "time" and isinstance(raw, int):
        said[row][6] = raw + QUARTER.ms - 1


def _put_delta(said: Any, row: int, field: str, raw: Any) -> None:
    said["result"][row][field] = raw


def _put_kite(said: Any, row: int, field: str, raw: Any) -> None:
    said["data"]["candles"][row][FIELDS.index(field)] = raw


def _put_dhan(said: Any, row: int, field: str, raw: Any) -> None:
    said["timestamp" if field == "time" else field][row] = raw


def _copies(rows: Sequence[Any], wanted: Sequence[int]) -> list[Any]:
    return [list(rows[row]) if isinstance(rows[row], list) else dict(rows[row]) for row in wanted]


def _seconds(ms: int) -> int:
    return ms // 1000


def _plain(value: float) -> float:
    return value


def _same(ms: int) -> int:
    return ms


def _decimal(value: float) -> str:
    return f"{value:.8f}"


def _binance_secrets() -> Secrets:
    return Secrets(Path("config/.env"), True, False, {"BINANCE_API_KEY": binance.API_KEY, "BINANCE_API_SECRET": binance.API_SECRET})


def _delta_secrets() -> Secrets:
    return Secrets(Path("config/.env"), True, False, {"DELTA_API_KEY": delta.API_KEY, "DELTA_API_SECRET": delta.API_SECRET})


def _binance_case(name: str, fake: type[binance.FakeBinance], join: Callable[..., RestExchange]) -> VenueCase:
    return VenueCase(
        name, "BTCUSDT", "klines", "account", _binance(fake), join, _binance_secrets, (binance.API_KEY, binance.API_SECRET),
        _put_kline, _copies, _decimal, _plain, _same, signs=True,
    )  # fmt: skip


CASES: Mapping[str, VenueCase] = {
    "BINANCE": _binance_case("BINANCE", binance.FakeBinance, binance.spot),
    "BINANCEUSDM": _binance_case("BINANCEUSDM", binance.FakeBinanceUsdm, binance.usdm),
    "DELTA": VenueCase(
        "DELTA", "BTCUSD", "candles", "profile", _delta, delta.adapter, _delta_secrets, (delta.API_KEY, delta.API_SECRET),
        _put_delta, lambda said, rows: said | {"result": _copies(said["result"], rows)}, _plain, _decimal, _seconds, signs=True,
    ),
    "ZERODHA": VenueCase(
        "ZERODHA", "INFY", "historical", "profile", _kite, zerodha.adapter, zerodha.secrets, (zerodha.API_KEY, zerodha.ACCESS_TOKEN),
        _put_kite, lambda said, rows: said | {"data": {"candles": _copies(said["data"]["candles"], rows)}}, _plain, _decimal,
        lambda ms: zerodha.kite_row((ms, 1, 1, 1, 1, 1))[0], signs=False,
    ),
    "DHAN": VenueCase(
        "DHAN", "INFY", "charts", "profile", _dhan, dhan.adapter, dhan.secrets, (dhan.CLIENT_ID, dhan.ACCESS_TOKEN),
        _put_dhan, lambda said, rows: {name: [column[row] for row in rows] for name, column in said.items()}, _plain, _decimal, _seconds,
        signs=False,
    ),
}  # fmt: skip
every_venue = pytest.mark.parametrize("case", CASES.values(), ids=CASES)
