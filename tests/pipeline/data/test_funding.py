"""Stored funding rates in the ``data`` commands."""

from pathlib import Path

import numpy as np
import pytest

from core.funding import FundingRates
from core.paths import Paths
from market_data.store.funding_store import FundingStore
from tests.fakes.binance import HOUR_MS
from tests.fakes.clock import START_MS
from tests.pipeline.conftest import Invoke
from tests.pipeline.data.conftest import Shop


@pytest.fixture
def rates(filled: Shop, paths: Paths) -> Path:
    """Return the file of the funding rates of a market of which candles are stored too."""
    store = FundingStore(paths)
    times = START_MS + 8 * HOUR_MS * np.arange(30)
    store.merge("BINANCE", "BTCUSDT", FundingRates(times, np.full(30, 0.0001)), (START_MS, START_MS + 240 * HOUR_MS))
    return store.path("BINANCE", "BTCUSDT")


def test_rates_are_shown_and_sound(rates: Path, invoke: Invoke) -> None:
    ended = invoke("data", "info")
    assert "Stored funding rates" in ended.out
    assert "BINANCE BTCUSDT" in ended.out
    ended = invoke("data", "verify")
    assert ended.code == 0
    assert "The funding rates of 1 market are sound." in ended.out
    assert "All 4 series are sound" in ended.out
    assert "Stored funding rates" not in invoke("data", "info", "ETHUSDT").out


def test_damaged_rates_are_named_and_set_aside(rates: Path, invoke: Invoke) -> None:
    rates.write_bytes(rates.read_bytes().replace(b"0.0001", b"0.0002", 1))
    ended = invoke("data", "verify")
    assert ended.code == 1
    assert "funding/BINANCE/BTCUSDT/funding.json" in ended.out
    assert "its own checksum differs" in ended.out
    assert invoke("data", "verify", "ETHUSDT").code == 0
    assert invoke("data", "verify", "BTCUSDT").code == 1
    assert "gets them again" in invoke("data", "repair").out
    assert not rates.exists()
    assert invoke("data", "verify").code == 0


def test_rates_go_with_the_last_candles_of_their_market(rates: Path, invoke: Invoke) -> None:
    assert invoke("data", "clear", "BTCUSDT", "--timeframe", "1h", "--yes").code == 0
    assert rates.exists()
    ended = invoke("data", "clear", "BTCUSDT", "--yes")
    assert ended.code == 0
    assert "went with its last candles" in ended.out
    assert not rates.exists()
