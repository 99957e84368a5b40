"""Pages of candles that are none, at ZERODHA: refused as a whole, never repaired."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.errors import DataError
from core.timeframe import DAY_MS, Timeframe
from tests.fakes.bars import changed
from tests.fakes.clock import START_MS
from tests.fakes.server import FaultPlan, Reply
from tests.fakes.zerodha import FakeKite, adapter

MINUTE = Timeframe.parse("1m")
OPENING_MS = START_MS + DAY_MS + 225 * 60_000


@pytest.fixture
def venue() -> Iterator[FakeKite]:
    with FakeKite() as server:
        yield server


def cell(row: int, column: int, value: Any) -> Callable[[list[Any]], object]:
    def change(rows: list[Any]) -> None:
        rows[row][column] = value

    return change


BROKEN: dict[str, Callable[[list[Any]], object]] = {
    "row is an object": lambda rows: rows.insert(0, {}),
    "short row": lambda rows: rows[1].pop(),
    "long rows": lambda rows: [row.extend([1, 2]) for row in rows],
    "price as text": cell(1, 1, "1500.5"),
    "price is null": cell(1, 1, None),
    "time as seconds": cell(1, 0, 1_714_621_500),
    "time in UTC": cell(1, 0, "2024-05-02T03:46:00+0000"),
    "time without offset": cell(1, 0, "2024-05-02T09:16:00"),
    "time with colon": cell(1, 0, "2024-05-02T09:16:00+05:30"),
    "time of no calendar": cell(1, 0, "2024-02-30T09:16:00+0530"),
    "time off the grid": cell(1, 0, "2024-05-02T09:16:01+0530"),
    "time outside": cell(0, 0, "2024-05-03T09:15:00+0530"),
    "conflicting repeat": lambda rows: rows.append([rows[1][0], 1, 1, 1, 1, 1]),
    "price 0": cell(1, 3, 0),
    "high below low": cell(1, 2, 1),
    "volume negative": cell(1, 5, -1),
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_what_is_no_page_of_candles_is_a_data_error(venue: FakeKite, change: Callable[[list[Any]], object]) -> None:
    venue.faults = FaultPlan.always(changed(lambda said: change(said["data"]["candles"]) and None), path="historical")
    with pytest.raises(DataError):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'""', b'{"status":"success"}', b'{"status":"success","data":{"candles":{}}}'])
def test_other_answers_are_a_data_error(venue: FakeKite, body: bytes) -> None:
    venue.faults = FaultPlan.always(lambda _reply, _wire: Reply(200, body), path="historical")
    with pytest.raises(DataError):
        adapter(venue).fetch("INFY", MINUTE, OPENING_MS, OPENING_MS + 600_000)
