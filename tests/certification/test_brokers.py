"""The brokers' own clients read from the fakes what our adapters read."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.timeframe import DAY_MS, Timeframe
from exchanges.calendars import nse_calendar
from tests.certification.clients import assert_same, random_bars, read
from tests.fakes import dhan as fake_dhan
from tests.fakes import zerodha as fake_kite
from tests.fakes.bars import Bar
from tests.fakes.clock import START_MS
from tests.fakes.dhan import FakeDhan
from tests.fakes.zerodha import FakeKite

SERIES = 200
# The first session from START_MS on, 2024-05-02, and the four days after it.
FIRST_DAY_MS = START_MS + DAY_MS - 19_800_000
TIMEFRAMES = {"1m": ("minute", "1"), "15m": ("15minute", "15"), "1h": ("60minute", "60"), "1d": ("day", "day")}
DAYS = {"1m": 1, "15m": 2, "1h": 5, "1d": 30}


def random_series(seed: int) -> Iterator[tuple[str, str, list[Bar]]]:
    """Yield symbol, timeframe and bars of sessions for each of the series."""
    rng, calendar = np.random.default_rng(seed), nse_calendar()
    names = list(TIMEFRAMES)
    for number in range(SERIES):
        name = names[number % len(names)]
        opens = calendar.expected_opens(Timeframe.parse(name), FIRST_DAY_MS, FIRST_DAY_MS + DAYS[name] * DAY_MS)
        yield f"S{number:03}", name, random_bars(rng, opens.tolist())


@pytest.fixture
def series() -> list[tuple[str, str, list[Bar]]]:
    return list(random_series(2))


def test_kiteconnect_reads_the_same_candles(series: list[tuple[str, str, list[Bar]]]) -> None:
    tokens = {symbol: 1000 + number for number, (symbol, _name, _bars) in enumerate(series)}
    candles = {(symbol, TIMEFRAMES[name][0]): bars for symbol, name, bars in series}
    with FakeKite(candles, instruments=fake_kite.instrument_list(tokens), tokens=tokens) as venue:
        asked = [
            {
                "symbol": symbol,
                "interval": TIMEFRAMES[name][0],
                "from": "2024-05-02 00:00:00",
                "to": f"2024-05-{1 + DAYS[name]:02} 23:59:59",
            }
            for symbol, name, _bars in series
        ]
        answers = read("kiteconnect", venue.url, {"api_key": fake_kite.API_KEY, "access_token": fake_kite.ACCESS_TOKEN, "series": asked})
        exchange = fake_kite.adapter(venue)
        for (symbol, name, _bars), rows in zip(series, answers, strict=True):
            assert_same(exchange.fetch(symbol, Timeframe.parse(name), FIRST_DAY_MS, FIRST_DAY_MS + DAYS[name] * DAY_MS), rows)


def test_dhanhq_reads_the_same_candles(series: list[tuple[str, str, list[Bar]]]) -> None:
    ids = {symbol: str(1000 + number) for number, (symbol, _name, _bars) in enumerate(series)}
    candles = {(symbol, TIMEFRAMES[name][1]): bars for symbol, name, bars in series}
    with FakeDhan(candles, instruments=fake_dhan.instrument_list(ids), ids=ids) as venue:
        asked = []
        for symbol, name, _bars in series:
            last = 2 + DAYS[name] if name == "1d" else 1 + DAYS[name]
            times = ("", "") if name == "1d" else (" 00:00:00", " 23:59:59")
            dates = {"from": f"2024-05-02{times[0]}", "to": f"2024-{5 + (last > 31):02}-{last - 31 * (last > 31):02}{times[1]}"}
            asked.append({"security_id": ids[symbol], "interval": TIMEFRAMES[name][1], **dates})
        answers = read("dhanhq", venue.url, {"client_id": fake_dhan.CLIENT_ID, "access_token": fake_dhan.ACCESS_TOKEN, "series": asked})
        exchange = fake_dhan.adapter(venue)
        for (symbol, name, _bars), rows in zip(series, answers, strict=True):
            assert_same(exchange.fetch(symbol, Timeframe.parse(name), FIRST_DAY_MS, FIRST_DAY_MS + DAYS[name] * DAY_MS), rows)
