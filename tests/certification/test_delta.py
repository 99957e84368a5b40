"""Delta's own client and ccxt read from the fake what our adapter reads."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.clock import now_ms
from core.timeframe import Timeframe
from tests.certification.clients import assert_same, random_bars, read
from tests.fakes import delta as fake
from tests.fakes.clock import START_MS
from tests.fakes.delta import HOUR_MS, FakeDelta, adapter, product

HOUR = Timeframe.parse("1h")
SERIES, BARS = 200, 40
END_MS = START_MS + BARS * HOUR_MS


@pytest.fixture(scope="module")
def venue() -> Iterator[FakeDelta]:
    rng = np.random.default_rng(1)
    opens = [START_MS + k * HOUR_MS for k in range(BARS)]
    symbols = [f"C{number:03}USD" for number in range(SERIES)]
    products = [product(symbol, 100 + number, contract_value="0.01") for number, symbol in enumerate(symbols)]
    candles = {(symbol, "1h"): random_bars(rng, opens) for symbol in symbols}
    # Neither client follows the list of products over its pages. Delta's client dates its signatures by this computer's clock.
    with FakeDelta(candles, products=products, now_ms=now_ms, order=lambda bars: bars[::-1], page_size=1000) as server:
        yield server


@pytest.mark.parametrize("client", ["delta-rest-client", "ccxt"])
def test_client_reads_the_same_candles(client: str, venue: FakeDelta) -> None:
    symbols = [symbol for symbol, _resolution in venue.candles]
    if client == "ccxt":
        questions: dict[str, Any] = {
            "id": "delta",
            "series": [{"symbol": symbol, "timeframe": "1h", "since": START_MS, "limit": BARS} for symbol in symbols],
        }
    else:
        span = {"resolution": "1h", "start": START_MS // 1000, "end": END_MS // 1000 - 1}
        questions = {"api_key": fake.API_KEY, "api_secret": fake.API_SECRET, "series": [{"symbol": symbol, **span} for symbol in symbols]}
    answers = read(client, venue.url, questions)
    exchange = adapter(venue)
    for symbol, rows in zip(symbols, answers, strict=True):
        assert_same(exchange.fetch(symbol, HOUR, START_MS, END_MS), rows, volume_unit=0.01)
