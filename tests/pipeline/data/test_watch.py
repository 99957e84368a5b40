"""``data watch``: candles as they close, printed and stored, over a break of the connection."""

import asyncio
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import pytest

from core.candles import Candles
from core.clock import now_ms
from core.market import Market
from core.timeframe import Timeframe
from exchanges.stream import Bar, bars_of, candles_of
from pipeline.bar_lines import BarLines
from tests.fakes.binance import FakeBinance, Listed, Row
from tests.fakes.stream import MINUTE, FakeStream, bar_at, kline, says, stays
from tests.patience import PATIENCE_SECONDS
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.data_venue import running, store_under
from tests.pipeline.loopback import connect

MARKET = Market("BINANCE", "BTCUSDT", Timeframe.parse("1m"))
# The minute in which the venue's clock stands still.
NOW = now_ms() // MINUTE * MINUTE
FIRST = NOW - 30 * MINUTE


def row(open_ms: int) -> Row:
    """Return the one true bar of that time as REST tells it."""
    _open_ms, *values, quote = astuple(bar_at(open_ms))
    return [open_ms, *(f"{value:.8f}" for value in values), open_ms + MINUTE - 1, f"{quote:.8f}", 5, "1.0", "2.0", "0"]


def true_candles(first_ms: int, end_ms: int) -> Candles:
    return candles_of(MARKET, [bar_at(ms) for ms in range(first_ms, end_ms, MINUTE)])


def minute_venue() -> FakeBinance:
    rows = [row(ms) for ms in range(FIRST, NOW + MINUTE, MINUTE)]
    return FakeBinance({("BTCUSDT", "1m"): rows}, now_ms=lambda: NOW + 30_000, listed={"BTCUSDT": Listed()})


@contextmanager
def streaming(stream: FakeStream) -> Iterator[str]:
    """Serve ``stream`` in a thread and yield its address."""
    begun, loop, ended = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with stream:
            begun.set()
            await ended.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert begun.wait(PATIENCE_SECONDS)
    try:
        yield stream.url
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(PATIENCE_SECONDS)
        loop.close()


def test_no_candle_is_missed_or_doubled_over_a_break_and_ctrl_c_says_what_is_stored(tmp_path: Path) -> None:
    store = store_under(tmp_path)
    store.merge(MARKET, true_candles(FIRST, NOW - 10 * MINUTE), source="rest")
    first = says(kline(NOW, closed=True), kline(NOW + MINUTE, closed=False))
    second = says(kline(NOW + MINUTE, closed=True), kline(NOW + 2 * MINUTE, closed=True), then=stays)
    with minute_venue() as venue, streaming(FakeStream(first, second)) as address:
        variables = {"BINANCE_BASE_URL": venue.url, "BINANCE_STREAM_URL": address}
        with running(tmp_path, "data", "watch", "btcusdt", "--timeframe", "1m", **variables) as program:
            caught_up = program.read_until("caught up")
            program.read_until(time_of(NOW + 2 * MINUTE))
            code, said = program.end(signal.SIGINT)
    assert code == 130
    assert "10 candles caught up, up to " in caught_up
    assert f"Interrupted: 3 candles came and stored. BINANCE BTCUSDT 1m is stored up to {time_of(NOW + 3 * MINUTE)} UTC." in said
    printed = [line.split()[1] for line in program.lines if re.match(r"\d{4}-", line)]
    assert printed == [time_of(NOW + bar * MINUTE)[11:] for bar in range(3)]
    assert any("closed the connection" in line for line in program.lines)
    stored = store.read(MARKET)
    assert stored is not None
    assert stored.digest == true_candles(FIRST, NOW + 3 * MINUTE).digest


def time_of(ms: int) -> str:
    return BarLines(0.01).line(bar_at(ms))[:16]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("BTCUSDX",), "BINANCE has no symbol 'BTCUSDX'. Did you mean 'BTCUSDT'?"),
        (("BTCUSDT", "--timeframe", "3m"), "timeframe '3m' is not known"),
        (("RELIANCE", "--exchange", "ZERODHA"), "data schedule --every 5m --exchange ZERODHA"),
        (("RELIANCE", "--exchange", "DHAN"), "DHAN has no live candles here; BINANCE, BINANCEUSDM, DELTA have."),
        (("BTCUSDT", "--exchange", "SIMULATED"), "SIMULATED is no venue"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_what_to_do_instead(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:  # fmt: skip
    with minute_venue() as venue:
        connect(monkeypatch, BINANCE=venue)
        ended = invoke("data", "watch", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_lines_fit_eighty_columns_and_show_the_venues_decimals() -> None:
    lines = BarLines(0.01)
    shown = [lines.heads, *(lines.line(bar) for bar in bars_of(true_candles(FIRST, FIRST + 2 * MINUTE)))]
    assert max(map(len, shown)) < 80
    assert shown[1].split()[-1] == "n/a"
    close, before = bar_at(FIRST + MINUTE).close, bar_at(FIRST).close
    assert shown[2].split()[5:] == [f"{close:.2f}", f"{bar_at(FIRST + MINUTE).volume:g}", f"{(close / before - 1) * 100:+.2f}", "%"]


def test_small_prices_and_large_volumes_keep_their_columns() -> None:
    bar = Bar(FIRST, 1.2e-5, 1.3e-5, 1.1e-5, 1.25e-5, 98_765_432_100.0)
    assert BarLines(1e-8).line(bar).split()[2:] == ["0.00001200", "0.00001300", "0.00001100", "0.00001250", "98.77", "B", "n/a"]
    assert BarLines(0).line(bar).split()[2] == "1.2e-05"
    assert BarLines(5.0).line(Bar(FIRST, 100.0, 110.0, 95.0, 105.0, 12_345.6)).split()[2:7] == ["100", "110", "95", "105", "12,346"]
