"""Whole runs against venues on the loopback interface: candles, keys, and waiting that takes no time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from core.candles import Candles
from core.clock import monotonic_seconds, now_ms
from core.timeframe import Timeframe
from exchanges import ExchangeManager
from exchanges.simulated import SimulatedExchange
from exchanges.timing import SystemClock
from market_data import read_candle_file
from tests.fakes import binance, delta, dhan, zerodha
from tests.fakes.binance import HOUR_MS, FakeBinance, Row
from tests.fakes.server import FakeVenue

FIRST_MS = 1_704_067_200_000  # 2024-01-01
BINANCE_KEYS = {"BINANCE_API_KEY": binance.API_KEY, "BINANCE_API_SECRET": binance.API_SECRET}
ALL_KEYS = {
    **BINANCE_KEYS,
    "DELTA_API_KEY": delta.API_KEY,
    "DELTA_API_SECRET": delta.API_SECRET,
    "ZERODHA_API_KEY": zerodha.API_KEY,
    "ZERODHA_API_SECRET": "canary-kite-secret-0Qx7",
    "ZERODHA_ACCESS_TOKEN": zerodha.ACCESS_TOKEN,
    "DHAN_CLIENT_ID": dhan.CLIENT_ID,
    "DHAN_ACCESS_TOKEN": dhan.ACCESS_TOKEN,
}


def rows_of(candles: Candles) -> list[Row]:
    """Return hourly candles as Binance sends them."""
    columns = (candles.open, candles.high, candles.low, candles.close, candles.volume)
    rows: list[Row] = []
    for opens, *values in zip(candles.open_ms.tolist(), *(column.tolist() for column in columns), strict=True):
        quote = f"{values[3] * values[4]:.8f}"
        rows.append([opens, *(f"{value:.8f}" for value in values), opens + HOUR_MS - 1, quote, 5, "0.00000000", "0.00000000", "0"])
    return rows


def simulated_rows(days: int = 110, symbol: str = "BTCUSDT") -> list[Row]:
    """Return days of the simulated market from 2024 on as Binance sends them."""
    hour = Timeframe.parse("1h")
    return rows_of(SimulatedExchange().fetch(symbol, hour, FIRST_MS, FIRST_MS + days * 24 * HOUR_MS))


def real_rows(path: Path, start_ms: int, bars: int) -> list[Row]:
    """Return hourly bars of a file of real candles as Binance sends them."""
    candles = read_candle_file(path, timeframe="1h")
    return [row for row in rows_of(candles) if row[0] >= start_ms][:bars]


def connect(monkeypatch: pytest.MonkeyPatch, **venues: FakeVenue) -> None:
    """Let the exchanges of those names be found at ``venues``, and forget those that were made before."""
    monkeypatch.setattr(ExchangeManager, "_shared", None)
    for name, venue in venues.items():
        monkeypatch.setenv(f"{name}_BASE_URL", venue.url)


def write_keys(config: Path, keys: Mapping[str, str]) -> None:
    """Write config/.env, readable by its owner only."""
    config.mkdir(exist_ok=True)
    path = config / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in keys.items()))
    path.chmod(0o600)


def skip_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let every wait for a venue pass at once, on clocks that go on by it; return the waits of stage 2 as they come."""
    ahead = [0.0]
    waited: list[float] = []

    def sleep(_clock: SystemClock, seconds: float) -> None:
        ahead[0] += max(seconds, 0.0)

    monkeypatch.setattr(SystemClock, "sleep", sleep)
    monkeypatch.setattr(SystemClock, "monotonic", lambda _clock: monotonic_seconds() + ahead[0])
    monkeypatch.setattr(SystemClock, "now_ms", lambda _clock: now_ms() + int(ahead[0] * 1000))
    monkeypatch.setattr("pipeline.opening.sleep", waited.append)
    return waited


def spot_venue(rows: Sequence[Row] | None = None) -> FakeBinance:
    """Return Binance with a hundred days of hourly candles and a clock that is right."""
    return FakeBinance({("BTCUSDT", "1h"): list(rows or simulated_rows())}, now_ms=now_ms)
