"""Binance on the loopback interface, and the commands that talk to it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.clock import format_utc
from core.market import Market
from core.paths import Paths
from core.timeframe import Timeframe
from market_data.fetching import Wanted, fetch_series
from market_data.store import CandleStore
from tests.fakes.binance import DAY_MS, HOUR_MS, FakeBinance, kline_rows, spot
from tests.fakes.clock import START_MS

# 250 days: six pages of hours of each symbol.
HOURS, DAYS = 6_000, 250
HOLE = range(700, 710)


def day(number: int) -> str:
    """Return a day of the histories as users write it."""
    return format_utc(START_MS + number * DAY_MS)[:10]


@dataclass
class Shop:
    """The venue, and the store that the commands fill."""

    venue: FakeBinance
    store: CandleStore

    def pages(self) -> list[tuple[str, str, int, int]]:
        """Return (symbol, interval, first bar, end bar) of every request for candles since the last look, without those for a first bar."""
        found = []
        for request in self.venue.requests:
            params = request.params
            if request.path.endswith("klines") and params.get("limit") != "1":
                step = HOUR_MS if params["interval"] == "1h" else DAY_MS
                first = (int(params["startTime"]) - START_MS) // step
                found.append((params["symbol"], params["interval"], first, (int(params["endTime"]) - START_MS) // step + 1))
        self.venue.requests.clear()
        return sorted(found)

    def market(self, symbol: str = "BTCUSDT", timeframe: str = "1h") -> Market:
        return Market("BINANCE", symbol, Timeframe.parse(timeframe))

    def bars(self, symbol: str = "BTCUSDT", timeframe: str = "1h") -> int:
        """Return how many bars are stored."""
        found = self.store.read(self.market(symbol, timeframe))
        return 0 if found is None else len(found)

    def files(self, symbol: str = "BTCUSDT", timeframe: str = "1h") -> list[Path]:
        """Return the files with candles, oldest first."""
        return sorted(self.store.folder(self.market(symbol, timeframe)).glob("*.parquet"))


def venue() -> FakeBinance:
    """Return two symbols, hours and days; ten hours of the second one are missing."""
    hours, days = kline_rows(START_MS, HOURS), kline_rows(START_MS, DAYS, DAY_MS)
    holed = [row for bar, row in enumerate(hours) if bar not in HOLE]
    candles = {("BTCUSDT", "1h"): hours, ("BTCUSDT", "1d"): days, ("ETHUSDT", "1h"): holed, ("ETHUSDT", "1d"): days}
    return FakeBinance(candles, now_ms=lambda: START_MS + DAYS * DAY_MS)


@pytest.fixture
def shop(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    with venue() as binance:
        monkeypatch.setenv("BINANCE_BASE_URL", binance.url)
        yield Shop(binance, CandleStore(paths))


@pytest.fixture(scope="session")
def filled_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that all of the venue's candles were fetched into, which tests only copy."""
    store = CandleStore(Paths.under(tmp_path_factory.mktemp("filled")))
    with venue() as binance:
        markets = [Market("BINANCE", symbol, Timeframe.parse(timeframe)) for symbol, timeframe in binance.candles]
        fetch_series(spot(binance), store, [Wanted(market, START_MS, START_MS + DAYS * DAY_MS) for market in markets])
    return store.root


@pytest.fixture
def filled(shop: Shop, filled_root: Path) -> Shop:
    """Return the shop after all of its candles were fetched."""
    shutil.copytree(filled_root, shop.store.root)
    return shop
