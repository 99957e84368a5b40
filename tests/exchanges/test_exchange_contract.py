"""Every exchange of the manager goes through the same suite."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.timeframe import Timeframe
from exchanges import ExchangeManager
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.exchanges.candle_tables import HOUR_MS, START_MS, table

HOUR = Timeframe.parse("1h")


def local_facts(folder: Path) -> ExchangeFacts:
    folder.mkdir(parents=True)
    table(240).write_parquet(folder / "BTCUSDT.parquet")
    end_ms = START_MS + 240 * HOUR_MS
    return ExchangeFacts(ExchangeManager().get("LOCAL"), "BTCUSDT", "BTCUSDT", HOUR, START_MS, end_ms, "BTCUSD")


def simulated_facts(_folder: Path) -> ExchangeFacts:
    exchange = ExchangeManager().get("SIMULATED")
    return ExchangeFacts(exchange, "btcusdt", "BTCUSDT", HOUR, START_MS, START_MS + 240 * HOUR_MS, " ")


FACTS: dict[str, Callable[[Path], ExchangeFacts]] = {"LOCAL": local_facts, "SIMULATED": simulated_facts}


class TestEveryExchange(ExchangeContract):
    @pytest.fixture(params=ExchangeManager().names())
    def facts(self, request: pytest.FixtureRequest, tmp_path: Path) -> ExchangeFacts:
        return FACTS[request.param](tmp_path / "data" / "candles")
