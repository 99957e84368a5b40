"""What the tests of live candles share: a clock that is set, a venue behind REST, and the first bars of a stream."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from core.candles import Candles
from core.market import Market
from core.timeframe import Timeframe
from exchanges.stream import Bar, StreamSettings, candles_of, stream_candles
from tests.fakes.stream import MINUTE, FakeStream, Script, bar_at, kline, minutes
from tests.patience import PATIENCE_SECONDS

T0 = 1_726_000_000_000 // MINUTE * MINUTE
ONE_MINUTE = Timeframe.parse("1m")


class SetClock:
    """A clock that stands where it is put; waiting moves it on."""

    def __init__(self, ms: int = T0 + 30_000) -> None:
        self.ms, self.seconds = ms, 0.0

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Venue:
    """What REST answers: the bars that closed before ``closed_until_ms``, apart from those in ``missing``."""

    def __init__(self, closed_until_ms: int = T0, missing: Sequence[int] = ()) -> None:
        self.closed_until_ms, self.missing = closed_until_ms, set(missing)
        self.asked: list[tuple[int, int]] = []
        self.before_answer: Callable[[], None] = lambda: None

    def __call__(self, start_ms: int, end_ms: int) -> Candles | None:
        self.asked.append((start_ms, end_ms))
        self.before_answer()
        opens = [ms for ms in range(start_ms, min(end_ms, self.closed_until_ms), MINUTE) if ms not in self.missing]
        return candles_of(Market("BINANCE", "BTCUSDT", ONE_MINUTE), [bar_at(ms) for ms in opens]) if opens else None


def quick(clock: SetClock | None = None, **changes: object) -> StreamSettings:
    settings = StreamSettings(
        idle_s=PATIENCE_SECONDS, open_s=PATIENCE_SECONDS, ping_s=PATIENCE_SECONDS, waits_s=(0.0, 0.001), late_waits_s=(0.0, 0.001),
        clock=clock or SetClock(),
    )  # fmt: skip
    return replace(settings, **changes)  # type: ignore[arg-type]


def collect(
    monkeypatch: pytest.MonkeyPatch,
    *scripts: Script,
    wanted: int,
    backfill: Venue | None = None,
    exchange: str = "BINANCE",
    symbol: str = "BTCUSDT",
    next_open_ms: int | None = None,
    settings: StreamSettings | None = None,
) -> tuple[list[Bar], FakeStream]:
    """Return the first ``wanted`` bars that a stream against ``scripts`` gives."""

    async def run() -> tuple[list[Bar], FakeStream]:
        bars: list[Bar] = []
        async with FakeStream(*scripts) as server:
            monkeypatch.setenv(f"{exchange}_STREAM_URL", server.url)
            stop = asyncio.Event()
            stream = stream_candles(
                exchange, symbol, "1m", backfill=backfill or Venue(), stop=stop, next_open_ms=next_open_ms, settings=settings or quick()
            )
            async with asyncio.timeout(PATIENCE_SECONDS):
                async for bar in stream:
                    bars.append(bar)
                    if len(bars) == wanted:
                        stop.set()
        return bars, server

    return asyncio.run(run())


def truth(first_ms: int, count: int) -> list[Bar]:
    return [bar_at(ms) for ms in minutes(first_ms, count)]


def closed(first_ms: int, count: int) -> list[str]:
    return [kline(ms, closed=True) for ms in minutes(first_ms, count)]
