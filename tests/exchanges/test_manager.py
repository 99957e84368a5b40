"""The manager: one object, names, dates."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.errors import ConfigError
from exchanges import Exchange, ExchangeManager
from tests.exchanges.candle_tables import START_MS


def test_manager_is_one_shared_instance() -> None:
    assert ExchangeManager() is ExchangeManager()


def test_names_are_those_that_work() -> None:
    names = ExchangeManager().names()
    assert {"BINANCE", "BINANCEUSDM", "LOCAL", "SIMULATED"} <= set(names)
    assert all(isinstance(ExchangeManager().get(name), Exchange) for name in names)


def test_exchange_is_one_object_whatever_the_case() -> None:
    assert ExchangeManager().get("simulated") is ExchangeManager().get("SIMULATED")


def test_unknown_exchange_offers_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match="exchange 'SIMULATD' is not known. Did you mean 'SIMULATED'"):
        ExchangeManager().get("SIMULATD")


def test_naive_dates_are_utc_and_zones_are_converted() -> None:
    fetch = ExchangeManager().fetch_ohlc
    naive = fetch("SIMULATED", "BTCUSDT", "1H", datetime(2024, 1, 1), datetime(2024, 1, 2))
    aware = fetch("SIMULATED", "BTCUSDT", "1h", datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC))
    india = timezone(timedelta(hours=5, minutes=30))
    moved = fetch("SIMULATED", "BTCUSDT", "1h", datetime(2024, 1, 1, 5, 30, tzinfo=india), datetime(2024, 1, 2, 5, 30, tzinfo=india))
    assert naive.open_ms[0] == START_MS
    assert naive.digest == aware.digest == moved.digest


def test_arguments_work_by_name() -> None:
    candles = ExchangeManager().fetch_ohlc(
        exchange_name="SIMULATED", symbol="BTCUSDT", timeframe="4H", start_date=datetime(2024, 1, 1), end_date=datetime(2024, 1, 2)
    )
    assert len(candles) == 6


@pytest.mark.parametrize("end", [datetime(2023, 1, 1), datetime(2024, 1, 1)])
def test_reversed_or_empty_dates_are_refused(end: datetime) -> None:
    with pytest.raises(ConfigError, match="must be before the end"):
        ExchangeManager().fetch_ohlc("SIMULATED", "BTCUSDT", "1h", datetime(2024, 1, 1), end)


def test_unknown_timeframe_is_refused() -> None:
    with pytest.raises(ConfigError, match="timeframe '2h' is not known"):
        ExchangeManager().fetch_ohlc("SIMULATED", "BTCUSDT", "2h", datetime(2024, 1, 1), datetime(2024, 1, 2))


@pytest.mark.parametrize("name", ["LOCAL", "simulated"])
def test_connectivity_is_a_status(name: str) -> None:
    status = ExchangeManager().validate_connectivity(name)
    assert status.ok
    assert status.exchange == name.upper()
