"""Every exchange of the manager goes through the same suite; venues do so against a server on the loopback interface."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.timeframe import DAY_MS, Timeframe
from exchanges import ExchangeManager
from exchanges.calendars import nse_calendar
from exchanges.session_exchange import SessionExchange
from tests.contracts.exchange_contract import ExchangeContract, ExchangeFacts
from tests.exchanges.candle_tables import HOUR_MS, START_MS, table
from tests.fakes import delta as fake_delta
from tests.fakes import dhan as fake_dhan
from tests.fakes import zerodha as fake_kite
from tests.fakes.bars import Bar, saw
from tests.fakes.binance import FakeBinance, FakeBinanceUsdm, kline_rows
from tests.fakes.clock import START_MS as FAKE_START_MS
from tests.fakes.server import FakeVenue

HOUR = Timeframe.parse("1h")
END_MS = START_MS + 240 * HOUR_MS


@dataclass(frozen=True)
class Surroundings:
    """What an exchange may need of a test: a folder of its own, variables, and servers that are closed afterwards."""

    folder: Path
    variables: pytest.MonkeyPatch
    open: ExitStack

    def serve(self, name: str, venue: FakeVenue) -> None:
        """Start ``venue`` and make it the address of the exchange ``name``."""
        self.open.enter_context(venue)
        self.variables.setenv(f"{name}_BASE_URL", venue.url)


def local_facts(around: Surroundings) -> ExchangeFacts:
    candles = around.folder / "data" / "candles"
    candles.mkdir(parents=True)
    table(240).write_parquet(candles / "BTCUSDT.parquet")
    return ExchangeFacts(ExchangeManager().get("LOCAL"), "BTCUSDT", "BTCUSDT", HOUR, START_MS, END_MS, "BTCUSD")


def simulated_facts(_around: Surroundings) -> ExchangeFacts:
    return ExchangeFacts(ExchangeManager().get("SIMULATED"), "btcusdt", "BTCUSDT", HOUR, START_MS, END_MS, " ")


def binance_facts(around: Surroundings) -> ExchangeFacts:
    around.serve("BINANCE", FakeBinance({("BTCUSDT", "1h"): kline_rows(START_MS - 3000 * HOUR_MS, 5000)}))
    return ExchangeFacts(ExchangeManager().get("BINANCE"), "btcusdt", "BTCUSDT", HOUR, START_MS, END_MS, "BTCUSD")


def binance_usdm_facts(around: Surroundings) -> ExchangeFacts:
    around.serve("BINANCEUSDM", FakeBinanceUsdm({("BTCUSDT", "1h"): kline_rows(START_MS - 3000 * HOUR_MS, 5000)}))
    return ExchangeFacts(ExchangeManager().get("BINANCEUSDM"), "btcusdt", "BTCUSDT", HOUR, START_MS, END_MS, "BTCUSD")


def delta_facts(around: Surroundings) -> ExchangeFacts:
    around.serve("DELTA", fake_delta.FakeDelta({("BTCUSD", name): saw_of_hours(hours) for name, hours in (("1h", 1), ("1d", 24))}))
    return ExchangeFacts(ExchangeManager().get("DELTA"), "btcusd", "BTCUSD", HOUR, START_MS, END_MS, "BTCUSDX")


def saw_of_hours(hours: int) -> list[Bar]:
    return saw(START_MS + k * hours * HOUR_MS for k in range(-2400 // hours, 2400 // hours))


def zerodha_facts(around: Surroundings) -> ExchangeFacts:
    return nse_facts(fake_kite.adapter(around.open.enter_context(fake_kite.FakeKite())))


def dhan_facts(around: Surroundings) -> ExchangeFacts:
    return nse_facts(fake_dhan.adapter(around.open.enter_context(fake_dhan.FakeDhan())))


def nse_facts(exchange: SessionExchange) -> ExchangeFacts:
    """Return a session of minutes. The brokers' limits are for real, so that these run on a clock of their own and not the manager's."""
    minute = nse_calendar().timeframe(Timeframe.parse("1m"))
    opening = int(nse_calendar().expected_opens(minute, FAKE_START_MS, FAKE_START_MS + 2 * DAY_MS)[0])
    return ExchangeFacts(exchange, "nse:infy", "INFY", minute, opening, opening + 240 * minute.ms, "INFI")


FACTS: dict[str, Callable[[Surroundings], ExchangeFacts]] = {
    "BINANCE": binance_facts,
    "BINANCEUSDM": binance_usdm_facts,
    "DELTA": delta_facts,
    "DHAN": dhan_facts,
    "LOCAL": local_facts,
    "SIMULATED": simulated_facts,
    "ZERODHA": zerodha_facts,
}


class TestEveryExchange(ExchangeContract):
    @pytest.fixture(params=ExchangeManager().names())
    def facts(self, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExchangeFacts]:
        with ExitStack() as servers:
            yield FACTS[request.param](Surroundings(tmp_path, monkeypatch, servers))
