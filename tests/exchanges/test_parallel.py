import asyncio
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.candles import Candles
from core.errors import APIError, ConfigError, DataError, RateLimitError
from core.timeframe import Timeframe
from exchanges.binance import SPOT
from exchanges.limits import Limit, Limiter
from exchanges.parallel import DownloadSettings, Part, Progress, SeriesRange, download
from exchanges.parallel_http import Call, ParallelHttp
from exchanges.rest_exchange import RestExchange
from tests.conftest import ROOT
from tests.fakes import faults
from tests.fakes.bars import saw
from tests.fakes.binance import HOUR_MS, FakeBinance, FakeBinanceUsdm, kline_rows, spot, usdm
from tests.fakes.clock import START_MS, FakeClock
from tests.fakes.delta import FakeDelta, adapter
from tests.fakes.server import FaultPlan

HOUR = Timeframe.parse("1h")
BARS = 7300


def venue_of(*symbols: str, bars: int = BARS, faults: FaultPlan | None = None, **named: Any) -> FakeBinance:
    rows = {(symbol, "1h"): kline_rows(START_MS, bars, scale=100.0 * (i + 1)) for i, symbol in enumerate(symbols or ("BTCUSDT",))}
    return FakeBinance(rows, faults=faults, **named)


def fetch_all(
    exchange: RestExchange, ranges: Sequence[SeriesRange], on_progress: Callable[[Progress], None] | None = None, **settings: Any
) -> list[Part]:
    parts: list[Part] = []
    assert download(exchange, ranges, parts.append, on_progress=on_progress, settings=DownloadSettings(**settings))
    return parts


def joined(parts: Sequence[Part], symbol: str) -> Candles:
    own = sorted((part for part in parts if part.market.symbol == symbol), key=lambda part: part.start_ms)
    candles = [part.candles for part in own if part.candles is not None]
    names = ["open", "high", "low", "close", "volume", *(["quote_volume"] if candles[0].quote_volume is not None else [])]
    columns = {name: np.concatenate([getattr(each, name) for each in candles]) for name in names}
    return Candles.from_arrays(own[0].market, {"timestamp": np.concatenate([each.open_ms for each in candles]), **columns})


def test_result_is_that_of_the_sequential_fetch() -> None:
    symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    with venue_of(*symbols) as venue:
        parts = fetch_all(spot(venue), [SeriesRange(symbol, HOUR) for symbol in symbols], part_pages=3)
        for symbol in symbols:
            assert joined(parts, symbol).digest == spot(venue).fetch(symbol, HOUR, None, None).digest


def test_futures_and_delta_give_the_same_as_sequentially_too() -> None:
    rows = {("BTCUSDT", "1h"): kline_rows(START_MS, 2100)}
    # Delta's first bar is looked for among its days.
    bars = {
        ("BTCUSD", name): saw(range(START_MS, START_MS + 5000 * HOUR_MS, step)) for name, step in (("1h", HOUR_MS), ("1d", 24 * HOUR_MS))
    }
    with FakeBinanceUsdm(rows) as futures, FakeDelta(bars) as delta:
        for exchange, symbol in ((usdm(futures), "BTCUSDT"), (adapter(delta), "BTCUSD")):
            parts = fetch_all(exchange, [SeriesRange(symbol, HOUR, START_MS, None)])
            assert joined(parts, symbol).digest == exchange.fetch(symbol, HOUR, START_MS, None).digest


def test_venue_that_shows_candles_only_to_accounts_is_refused() -> None:
    with venue_of() as venue:
        exchange = spot(venue)
        private = RestExchange(replace(exchange.facts, public=False), exchange.dialect, exchange.http)
        with pytest.raises(ConfigError, match="only to accounts"):
            download(private, [SeriesRange("BTCUSDT", HOUR)], lambda _part: None)


def test_parts_of_a_series_follow_each_other_without_gap_or_overlap() -> None:
    with venue_of() as venue:
        parts = fetch_all(spot(venue), [SeriesRange("BTCUSDT", HOUR, START_MS, START_MS + 6500 * HOUR_MS)], part_pages=2)
    assert [part.bars for part in parts] == [2000, 2000, 2000, 500]
    assert [(part.start_ms, part.end_ms) for part in parts] == [
        (START_MS + a * HOUR_MS, START_MS + b * HOUR_MS) for a, b in ((0, 2000), (2000, 4000), (4000, 6000), (6000, 6500))
    ]
    assert {part.source for part in parts} == {"rest"}


def test_range_without_bars_is_a_part_too() -> None:
    with venue_of() as venue:
        start = START_MS + BARS * HOUR_MS
        (part,) = fetch_all(spot(venue), [SeriesRange("BTCUSDT", HOUR, start, start + 100 * HOUR_MS)])
    assert (part.candles, part.bars, part.start_ms, part.end_ms) == (None, 0, start, start + 100 * HOUR_MS)


def test_open_bars_stay_behind() -> None:
    now_ms = START_MS + 50 * HOUR_MS + 1
    with venue_of(now_ms=lambda: now_ms) as venue:
        (part,) = fetch_all(spot(venue), [SeriesRange("BTCUSDT", HOUR, START_MS)])
    assert (part.bars, part.end_ms) == (50, START_MS + 50 * HOUR_MS)


def test_progress_counts_bars_and_requests() -> None:
    told: list[Progress] = []
    with venue_of() as venue:
        fetch_all(spot(venue), [SeriesRange("BTCUSDT", HOUR)], on_progress=told.append)
    assert [each.done for each in told] == list(range(1, 11))
    assert {each.total for each in told} == {10}  # up to the venue's time, 400 days after the first bar
    assert told[-1].bars == BARS
    assert all(earlier.bars <= later.bars for earlier, later in pairwise(told))


def test_unknown_symbol() -> None:
    with venue_of() as venue, pytest.raises(ConfigError, match="BTCUSDT"):
        fetch_all(spot(venue), [SeriesRange("BTCUSDTT", HOUR)])


@pytest.mark.parametrize("seed", range(25))
def test_passing_faults_change_nothing(seed: int) -> None:
    rng = random.Random(seed)
    passing = [fault for fault in faults.passing_faults() if fault is not faults.silence]
    with venue_of(bars=4000) as venue:
        truth = spot(venue).fetch("BTCUSDT", HOUR, None, None)
        # One of two requests fails, but none four times in a row: attempts of one page are at most as far apart as there are others.
        venue.faults = FaultPlan({2 * n + rng.randrange(2): rng.choice(passing) for n in range(3)}, path="klines")
        parts = fetch_all(spot(venue), [SeriesRange("BTCUSDT", HOUR)], connections=4)
    assert joined(parts, "BTCUSDT").digest == truth.digest


@pytest.mark.parametrize("fault", [faults.status(500), faults.html(403), faults.truncated(), faults.reset, faults.hang_up])
def test_lasting_faults_are_typed_and_what_came_is_kept(fault: Any) -> None:
    with venue_of() as venue:
        parts: list[Part] = []
        exchange = spot(venue)
        # The question for the first bar and two pages are answered.
        venue.faults = FaultPlan(dict.fromkeys(range(3, 200), fault), path="klines")
        with pytest.raises((APIError, DataError), match=r"Tried 4 times"):
            download(exchange, [SeriesRange("BTCUSDT", HOUR)], parts.append, settings=DownloadSettings(1))
    assert sum(part.bars for part in parts) == 2000


def test_ban_stops_everything() -> None:
    with venue_of() as venue:
        venue.faults = FaultPlan({3: faults.status(418, b"{}", {"Retry-After": "120"})}, path="klines")
        exchange = spot(venue)
        with pytest.raises(RateLimitError, match="banned"):
            fetch_all(exchange, [SeriesRange("BTCUSDT", HOUR)], connections=2)
        sent = len(venue.requests)
        with pytest.raises(RateLimitError, match="banned"):
            exchange.fetch("BTCUSDT", HOUR, START_MS, START_MS + HOUR_MS)
        assert len(venue.requests) == sent


def test_told_wait_is_obeyed_by_all_workers() -> None:
    with venue_of() as venue:
        venue.faults = FaultPlan({2: faults.status(429, b"{}", {"Retry-After": "7"})}, path="klines")
        exchange = spot(venue)
        clock = exchange.http.clock
        assert isinstance(clock, FakeClock)
        parts = fetch_all(exchange, [SeriesRange("BTCUSDT", HOUR)])
        assert sum(part.bars for part in parts) == BARS
        assert sum(clock.slept) == pytest.approx(7, rel=0.01)


class TestStopping:
    """What is there when a download is stopped reaches the consumer."""

    def run(self, at: int, stop_it: Callable[[], None], stop: threading.Event | None) -> tuple[list[Part], list[Progress], bool]:
        parts: list[Part] = []
        told: list[Progress] = []

        def on_progress(progress: Progress) -> None:
            told.append(progress)
            if progress.done == at:
                stop_it()

        whole = True
        with venue_of() as venue:
            exchange = spot(venue)
            settings = DownloadSettings(connections=1, part_pages=100)
            try:
                whole = download(
                    exchange, [SeriesRange("BTCUSDT", HOUR)], parts.append, on_progress=on_progress, settings=settings, stop=stop
                )
            except KeyboardInterrupt:
                whole = False
        return parts, told, whole

    @pytest.mark.parametrize("at", [1, 3, 7])
    def test_ctrl_c_loses_nothing(self, at: int) -> None:
        parts, told, whole = self.run(at, lambda: signal.raise_signal(signal.SIGINT), None)
        assert not whole
        assert sum(part.bars for part in parts) == told[-1].bars == 1000 * at

    def test_impatient_ctrl_c_loses_nothing_and_leaves_no_connection_open(self) -> None:
        def twice() -> None:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)

        parts, told, whole = self.run(3, twice, None)
        assert not whole
        assert sum(part.bars for part in parts) == told[-1].bars == 3000

    @pytest.mark.parametrize("at", [1, 3, 7])
    def test_stop_loses_nothing(self, at: int) -> None:
        stop = threading.Event()
        parts, told, whole = self.run(at, stop.set, stop)
        assert not whole
        assert sum(part.bars for part in parts) == told[-1].bars == 1000 * at

    def test_stop_before_the_start(self) -> None:
        stop = threading.Event()
        stop.set()
        with venue_of() as venue:
            exchange = spot(venue)
            assert not download(exchange, [SeriesRange("BTCUSDT", HOUR)], lambda _part: None, stop=stop)

    def test_error_of_the_consumer_ends_the_download(self) -> None:
        def refuse(_part: Part) -> None:
            raise DataError("the disk is full")

        with venue_of() as venue, pytest.raises(DataError, match="the disk is full"):
            download(spot(venue), [SeriesRange("BTCUSDT", HOUR)], refuse)


def test_programs_that_download_nothing_do_not_wait_for_aiohttp() -> None:
    loaded = "import market_data, sys; sys.exit(any(name in sys.modules for name in ('aiohttp', 'websockets', 'yarl')))"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, check=False).returncode == 0


class Recorded(ParallelHttp):
    """Sends nothing, and writes down when it would have."""

    def __init__(self, clock: FakeClock, limit: Limit, limiter: Limiter) -> None:
        super().__init__(SPOT, "http://127.0.0.1:9", lambda _group: (limit,), limiter, clock=clock)
        self.clock = clock
        self.sent: list[tuple[float, int]] = []

    async def _exchange(self, call: Call, most_bytes: int, seconds: float) -> tuple[int, Mapping[str, str], bytes]:
        self.sent.append((self.clock.monotonic(), call.weight))
        await asyncio.sleep(0)
        return 200, {}, b"[]"


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_ten_thousand_requests_use_the_share_and_never_more(share: float) -> None:
    clock, limit = FakeClock(), Limit(6000, 60.0)
    http = Recorded(clock, limit, Limiter(None, clock, share))

    async def run() -> None:
        async def work(count: int) -> None:
            for _ in range(count):
                await http.get(Call("/api/v3/klines", weight=2))

        async with asyncio.TaskGroup() as group:
            for _ in range(16):
                group.create_task(work(625))

    asyncio.run(run())
    assert len(http.sent) == 10_000
    require_share_used_and_kept(http.sent, limit, share)


def test_share_is_used_and_kept_together_with_other_ways_and_other_processes(tmp_path: Path) -> None:
    clock, limit = FakeClock(), Limit(1200, 60.0)
    # Two limiters on one folder are what two processes have.
    ours, other = Limiter(tmp_path, clock, 0.5), Limiter(tmp_path, clock, 0.5)
    first, second = Recorded(clock, limit, ours), Recorded(clock, limit, other)
    sent: list[tuple[float, int]] = []

    async def run() -> None:
        async def work(http: Recorded) -> None:
            for _ in range(125):
                await http.get(Call("/api/v3/klines", weight=2))

        async def one_after_another() -> None:
            for _ in range(500):
                ours.acquire("127.0.0.1:9", 2, (limit,))
                sent.append((clock.monotonic(), 2))
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            group.create_task(one_after_another())
            for http in (first, second) * 4:
                group.create_task(work(http))

    asyncio.run(run())
    everything = sorted(first.sent + second.sent + sent)
    assert len(everything) == 1500
    require_share_used_and_kept(everything, limit, 0.5)


def require_share_used_and_kept(sent: Sequence[tuple[float, int]], limit: Limit, share: float) -> None:
    """Never more than the share in any window, and at least 90 % of it in the whole windows. Every request weighs 2."""
    times = np.array([time for time, _weight in sent])
    allowed = limit.weight * share
    # In every window that begins with a request, its end exclusive.
    spent = 2 * (np.searchsorted(times, times + limit.window_s) - np.arange(len(times)))
    assert spent.max() <= allowed
    whole_windows = (times[-1] - times[0]) // limit.window_s
    if whole_windows:
        used = 2 * np.searchsorted(times, times[0] + whole_windows * limit.window_s)
        assert used >= 0.9 * allowed * whole_windows
    else:
        assert allowed * 4 > 2 * len(times)
