"""Pages of candles that are none, at DELTA: refused as a whole, never repaired."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.errors import DataError
from core.timeframe import Timeframe
from tests.fakes.bars import Bar, changed, saw
from tests.fakes.clock import START_MS
from tests.fakes.delta import HOUR_MS, FakeDelta, adapter
from tests.fakes.faults import truncated
from tests.fakes.server import FaultPlan, Reply

HOUR = Timeframe.parse("1h")


def hours(bars: int) -> list[Bar]:
    return saw(START_MS + k * HOUR_MS for k in range(bars))


@pytest.fixture
def venue() -> Iterator[FakeDelta]:
    with FakeDelta({("BTCUSD", "1h"): hours(100)}) as server:
        yield server


BROKEN: dict[str, Callable[[Any], object]] = {
    "empty object": lambda _said: {},
    "list": lambda _said: [],
    "text": lambda _said: "candles",
    "no result": lambda said: said.pop("result") and None,
    "result is an object": lambda said: said.update(result={}),
    "row is a list": lambda said: said["result"].insert(1, [1, 2, 3]),
    "row without close": lambda said: said["result"][1].pop("close") and None,
    "price as text": lambda said: said["result"][1].update(open="100.5"),
    "price is null": lambda said: said["result"][1].update(open=None),
    "price is true": lambda said: said["result"][1].update(open=True),
    "price of 400 digits": lambda said: said["result"][1].update(open=10**400),
    "time as text": lambda said: said["result"][1].update(time="1714521600"),
    "time in milliseconds": lambda said: [row.update(time=row["time"] * 1000) for row in said["result"]] and None,
    "time in microseconds": lambda said: [row.update(time=row["time"] * 1_000_000) for row in said["result"]] and None,
    "time with a fraction": lambda said: said["result"][1].update(time=1714525200.5),
    "time off the grid": lambda said: said["result"][1].update(time=said["result"][1]["time"] + 1),
    "time in the future": lambda said: said["result"][-1].update(time=9_000_000_000),
    "time before the range": lambda said: said["result"][0].update(time=1_714_521_600 - 3600),
    "conflicting repeat": lambda said: said["result"].append({**said["result"][1], "close": 99.9}),
    "price 0": lambda said: said["result"][1].update(low=0),
    "price negative": lambda said: said["result"][1].update(low=-1),
    "high below low": lambda said: said["result"][1].update(high=1),
    "open outside": lambda said: said["result"][1].update(open=1000),
    "volume negative": lambda said: said["result"][1].update(volume=-1),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_is_no_page_of_candles_is_a_data_error(venue: FakeDelta, change: Callable[[Any], object]) -> None:
    venue.faults = FaultPlan.always(changed(change), path="candles")
    with pytest.raises(DataError):
        adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)


@pytest.mark.parametrize("literal", [b"NaN", b"Infinity", b"1e400"])
def test_numbers_that_are_none_are_refused(venue: FakeDelta, literal: bytes) -> None:
    row = b'{"success":true,"result":[{"time":1714521600,"open":%s,"high":1,"low":1,"close":1,"volume":1}]}' % literal
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply(200, row), path="candles")
    with pytest.raises(DataError):
        adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)


def test_every_cut_of_a_page_is_refused() -> None:
    lengths: list[int] = []

    def measured(reply: Reply, _wire: object) -> Reply:
        lengths.append(len(reply.body))
        return reply

    with FakeDelta({("BTCUSD", "1h"): hours(3)}, faults=FaultPlan([measured], path="candles")) as venue:
        exchange = adapter(venue)
        whole = exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 3 * HOUR_MS)
        for keep in range(lengths[0]):
            venue.faults = FaultPlan([truncated(keep)], path="candles")
            assert exchange.fetch("BTCUSD", HOUR, START_MS, START_MS + 3 * HOUR_MS).digest == whole.digest
            assert venue.faults.played == 1
        assert venue.count("candles") == 1 + 2 * lengths[0]


def test_equal_repeats_are_kept_once(venue: FakeDelta) -> None:
    venue.faults = FaultPlan.always(changed(lambda said: said["result"].extend(said["result"][:3])), path="candles")
    assert len(adapter(venue).fetch("BTCUSD", HOUR, START_MS, START_MS + 10 * HOUR_MS)) == 10
