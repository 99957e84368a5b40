"""Stores and small histories for tests."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.candles import Candles
from core.market import Market
from core.paths import Paths
from core.timeframe import Timeframe
from market_data.store import CandleStore, layout
from market_data.store.columns import columns_of
from market_data.store.names import LOCK
from tests.exchanges.candle_tables import HOUR_MS, START_MS

HOUR = Timeframe.parse("1h")
MARKET = Market("VENUE", "BTCUSDT", HOUR)


def store_in(folder: Path) -> CandleStore:
    return CandleStore(Paths.under(folder))


def history(bars: int, *, missing: Sequence[int] = (), market: Market = MARKET, seed: int = 1, start_ms: int = START_MS) -> Candles:
    """Return a random walk in cents without the bars numbered in ``missing``."""
    draw = np.random.default_rng(seed)
    close = 100.0 + np.cumsum(draw.integers(-9, 10, bars)) / 100
    open_ = np.concatenate(([100.0], close[:-1]))
    columns = {
        "timestamp": start_ms + market.timeframe.ms * np.arange(bars),
        "open": open_,
        "high": np.maximum(open_, close) + draw.integers(0, 5, bars) / 100,
        "low": np.minimum(open_, close) - draw.integers(0, 5, bars) / 100,
        "close": close,
        "volume": draw.integers(0, 10_000, bars) / 1000,
    }
    kept = np.setdiff1d(np.arange(bars), np.array(missing, np.int64))
    return Candles.from_arrays(market, {name: values[kept] for name, values in columns.items()})


def changed(candles: Candles, row: int, **values: float) -> Candles:
    """Return ``candles`` with other values in one bar."""
    columns = {name: array.copy() for name, array in columns_of(candles).items()}
    for name, value in values.items():
        columns[name][row] = value
    return Candles.from_arrays(candles.market, columns)


def named(candles: Candles, symbol: str) -> Candles:
    return replace(candles, market=replace(candles.market, symbol=symbol))


def small_parts(monkeypatch: pytest.MonkeyPatch, part_bars: int = 64, tail_bars: int = 16) -> None:
    """Make parts so small that short histories have many."""
    monkeypatch.setattr(layout, "PART_BARS", part_bars)
    monkeypatch.setattr(layout, "TAIL_BARS", tail_bars)


def files_of(store: CandleStore, market: Market = MARKET) -> dict[str, bytes]:
    """Return all files of a series but its lock, by name."""
    return {path.name: path.read_bytes() for path in sorted(store.folder(market).iterdir()) if path.name != LOCK}


def hours(start: int, end: int) -> tuple[int, int]:
    """Return the range of the bars numbered from ``start`` up to ``end``, exclusive."""
    return START_MS + start * HOUR_MS, START_MS + end * HOUR_MS
