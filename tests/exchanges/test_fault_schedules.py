"""Random bad days at DELTA, ZERODHA and DHAN: what comes in the end is what comes on a good day, or a typed error."""

from collections.abc import Callable
from functools import cache

import pytest

from core.errors import APIError, CredentialError, DataError
from core.timeframe import DAY_MS, Timeframe
from exchanges.rest_exchange import RestExchange
from tests.fakes import delta, dhan, zerodha
from tests.fakes.bars import Bar, saw, session_bars
from tests.fakes.clock import START_MS
from tests.fakes.faults import fault_schedule
from tests.fakes.server import FakeVenue

QUARTER_MS = 900_000
END_MS = START_MS + 300 * DAY_MS


@cache
def quarters() -> tuple[Bar, ...]:
    return tuple(saw(range(START_MS, END_MS, QUARTER_MS)))


@cache
def sessions() -> tuple[Bar, ...]:
    return tuple(session_bars("15m", START_MS, END_MS))


# Name -> a venue, its adapter, a symbol and the bars it has.
VENUES: dict[str, tuple[Callable[[], FakeVenue], Callable[[FakeVenue], RestExchange], str, Callable[[], tuple[Bar, ...]]]] = {
    "DELTA": (
        lambda: delta.FakeDelta({("BTCUSD", "15m"): quarters(), ("BTCUSD", "1d"): saw(range(START_MS, END_MS, DAY_MS))}),
        delta.adapter,
        "BTCUSD",
        quarters,
    ),
    "DHAN": (lambda: dhan.FakeDhan({("INFY", "15"): sessions()}), dhan.adapter, "INFY", sessions),
    "ZERODHA": (lambda: zerodha.FakeKite({("INFY", "15minute"): sessions()}), zerodha.adapter, "INFY", sessions),
}


def play(name: str, seed: int) -> bool:
    """Fetch under the schedule of ``seed``; return whether it came through. Anything but whole and typed is an error."""
    make, adapter, symbol, bars = VENUES[name]
    with make() as venue:
        venue.faults = fault_schedule(seed, requests=60, rate=0.3)
        try:
            candles = adapter(venue).fetch(symbol, Timeframe.parse("15m"), START_MS, END_MS)
        except (APIError, DataError, CredentialError):
            return False
        assert candles.open_ms.tolist() == [bar[0] for bar in bars()]
        assert candles.close.tolist() == [bar[4] for bar in bars()]
        return True


@pytest.mark.parametrize("name", VENUES)
def test_bad_days_end_whole_or_with_a_typed_error(name: str) -> None:
    results = [play(name, seed) for seed in range(12)]
    assert sum(results) >= 6, "most faults pass, so most fetches must come through"


@pytest.mark.slow
@pytest.mark.parametrize("name", VENUES)
def test_many_bad_days(name: str) -> None:
    assert sum(play(name, seed) for seed in range(1000, 1400)) >= 250
