"""Binance's own clients and ccxt read from the fakes, spot and futures, what our adapters read."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.clock import now_ms
from core.timeframe import Timeframe
from tests.certification.clients import assert_same, random_bars, read
from tests.fakes import binance as fake
from tests.fakes.bars import Bar
from tests.fakes.binance import HOUR_MS, FakeBinance, FakeBinanceUsdm, Listed, Row
from tests.fakes.clock import START_MS

HOUR = Timeframe.parse("1h")
SERIES, BARS = 200, 40
END_MS = START_MS + BARS * HOUR_MS
SYMBOLS = [f"C{number:03}USDT" for number in range(SERIES)]
RATES = 30
KEYS: dict[str, Any] = {"api_key": fake.API_KEY, "api_secret": fake.API_SECRET}


def rows_of(bars: list[Bar]) -> list[Row]:
    """Return bars as Binance writes them."""
    return [
        [time, *(f"{each:.8f}" for each in prices), time + HOUR_MS - 1, f"{prices[3] * prices[4]:.8f}", 7, "1.00000000", "2.00000000", "0"]
        for time, *prices in bars
    ]


def random_candles(seed: int) -> dict[tuple[str, str], list[Row]]:
    rng = np.random.default_rng(seed)
    opens = [START_MS + k * HOUR_MS for k in range(BARS)]
    return {(symbol, "1h"): rows_of(random_bars(rng, opens)) for symbol in SYMBOLS}


def random_funding(seed: int) -> dict[str, list[tuple[int, str]]]:
    rng = np.random.default_rng(seed)
    moments = [START_MS + k * 4 * HOUR_MS for k in range(RATES)]
    return {symbol: [(time, f"{rng.normal(0, 2e-4):.8f}") for time in moments if rng.random() < 0.8] for symbol in SYMBOLS}


@pytest.fixture(scope="module")
def spot() -> Iterator[FakeBinance]:
    # Clients sign by this computer's clock. Limits are not what is certified here.
    listed = {symbol: Listed(base=symbol[:4]) for symbol in SYMBOLS}
    with FakeBinance(random_candles(3), listed=listed, now_ms=now_ms, weight_limit=10**6) as venue:
        yield venue


@pytest.fixture(scope="module")
def usdm() -> Iterator[FakeBinanceUsdm]:
    listed = {symbol: Listed(base=symbol[:4]) for symbol in SYMBOLS}
    with FakeBinanceUsdm(random_candles(4), listed=listed, now_ms=now_ms, weight_limit=10**6, funding=random_funding(5)) as venue:
        yield venue


def ccxt_questions(kind: str, series: list[dict[str, Any]]) -> dict[str, Any]:
    types = {"binance": "spot", "binanceusdm": "linear"}[kind]
    return {"id": kind, "settings": {"options": {"fetchMarkets": {"types": [types]}}}, "series": series}


def candle_questions(client: str, kind: str) -> dict[str, Any]:
    if client == "ccxt":
        return ccxt_questions(kind, [{"symbol": symbol, "timeframe": "1h", "since": START_MS, "limit": BARS} for symbol in SYMBOLS])
    span = {"interval": "1h", "startTime": START_MS, "endTime": END_MS - 1, "limit": BARS}
    account = {"binance": FakeBinance, "binanceusdm": FakeBinanceUsdm}[kind].account_path
    return KEYS | {"account_path": account, "series": [{"symbol": symbol, **span} for symbol in SYMBOLS]}


@pytest.mark.parametrize("client", ["binance-connector", "ccxt"])
def test_client_reads_the_same_spot_candles(client: str, spot: FakeBinance) -> None:
    answers = read(client, spot.url, candle_questions(client, "binance"))
    exchange = fake.spot(spot)
    for symbol, rows in zip(SYMBOLS, answers, strict=True):
        assert_same(exchange.fetch(symbol, HOUR, START_MS, END_MS), rows)


@pytest.mark.parametrize("client", ["binance-futures-connector", "ccxt"])
def test_client_reads_the_same_futures_candles_and_funding_rates(client: str, usdm: FakeBinanceUsdm) -> None:
    questions = candle_questions(client, "binanceusdm")
    end_ms = START_MS + RATES * 4 * HOUR_MS
    for symbol in SYMBOLS:
        if client == "ccxt":
            questions["series"].append({"symbol": symbol, "since": START_MS, "limit": RATES, "params": {"until": end_ms}})
        else:
            questions["series"].append({"symbol": symbol, "startTime": START_MS, "endTime": end_ms, "limit": RATES})
    answers = read(client, usdm.url, questions)
    exchange = fake.usdm(usdm)
    for symbol, rows, rates in zip(SYMBOLS, answers[:SERIES], answers[SERIES:], strict=True):
        assert_same(exchange.fetch(symbol, HOUR, START_MS, END_MS), rows)
        times, values = exchange.funding_rates(symbol, START_MS, end_ms)
        assert [list(row) for row in zip(times.tolist(), values.tolist(), strict=True)] == rates
