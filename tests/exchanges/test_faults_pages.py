"""Every venue when a page of candles is none (E5), is out of order (E6), holds impossible bars (E7) or leaves some out (E8)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from core.errors import DataError, NoCandlesError, PipelineError
from market_data.gaps import find_holes
from market_data.quality import find_spikes
from tests.exchanges.venue_cases import BARS, DAY_MS, NOW_MS, ONCE, OPENING_MS, QUARTER, VenueCase, every_venue
from tests.fakes import faults
from tests.fakes.bars import changed, saw
from tests.fakes.clock import FakeClock
from tests.fakes.server import Fault, FaultPlan, Reply

Change = Callable[[VenueCase, Any], Any]


def refused(case: VenueCase, wrong: dict[str, Fault], bars: int = 5) -> None:
    """Assert that each of the answers is a DataError, and not one that says that there are no candles."""
    clock = FakeClock(NOW_MS)
    with case.fake() as venue:
        exchange = case.exchange(venue, clock, ONCE)
        case.fetch(exchange)
        for name, fault in wrong.items():
            venue.faults = FaultPlan([fault], path=case.page)
            with pytest.raises(PipelineError) as raised:
                case.fetch(exchange, bars)
            assert isinstance(raised.value, DataError), (name, raised.value)
            assert not isinstance(raised.value, NoCandlesError), name
            assert venue.faults.played == 1, name
            clock.advance(100)


@every_venue
def test_a_page_cut_at_any_byte_gives_no_row(case: VenueCase) -> None:
    lengths: list[int] = []

    def measure(reply: Reply, _wire: object) -> Reply:
        lengths.append(len(reply.body))
        return reply

    with case.fake() as venue:
        exchange = case.exchange(venue, policy=ONCE)
        venue.faults = FaultPlan([measure], path=case.page)
        case.fetch(exchange, 3)
    # Cut at the very end of a number, JSON of columns and rows is not whole either: a bracket is missing.
    refused(case, {f"byte {keep}": faults.truncated(keep) for keep in range(lengths[0])}, 3)


OTHER_BODIES = [
    "",
    "{}",
    "[]]",
    "null",
    "true",
    "5",
    '"text"',
    "[[]]",
    "[null]",
    "[5]",
    '{"result":{}}',
    '{"data":[]}',
    "<html>",
    "\ufeff{}",
]


@every_venue
def test_another_body_is_no_page(case: VenueCase) -> None:
    refused(case, {text: faults.body(text.encode()) for text in OTHER_BODIES} | {"a web page": faults.html()})


def raw(field: str, value: Any) -> Change:
    return lambda case, said: case.put(said, 1, field, value)


def of_the_other_type(field: str) -> Change:
    return lambda case, said: case.put(said, 1, field, case.other_number(100.0))


VALUES: dict[str, Any] = {
    "null": None, "true": True, "empty": "", "list": [1], "object": {}, "NaN": "NaN", "text": "abc", "25 digits": int("1" * 25),
    "400 digits": int("1" * 400), "1e400": "1e400",
}  # fmt: skip
GARBAGE: dict[str, Change] = {
    f"{field} {name}": raw(field, value) for field in ("time", "open", "volume") for name, value in VALUES.items()
} | {f"{field} of the other type": of_the_other_type(field) for field in ("open", "high", "low", "close", "volume")}


def as_fault(case: VenueCase, change: Change) -> Fault:
    def apply(said: Any) -> Any:
        instead = change(case, said)
        return said if instead is None else instead

    return changed(apply)


@every_venue
def test_a_value_of_another_type_is_refused(case: VenueCase) -> None:
    refused(case, {name: as_fault(case, change) for name, change in GARBAGE.items()})


@every_venue
def test_a_literal_that_is_no_number_is_refused(case: VenueCase) -> None:
    def literal(text: str) -> Fault:
        def play(reply: Reply, _wire: object) -> Reply:
            said = json.loads(reply.body)
            case.put(said, 1, "close", "@")
            return Reply(200, json.dumps(said).replace('"@"', text).encode())

        return play

    refused(case, {text: literal(text) for text in ("NaN", "Infinity", "-Infinity", "1e400", "1" * 5000)})


def widened(case: VenueCase, said: Any) -> Any:
    """Give one row, or one column, a value more than the others."""
    if case.name == "DHAN":
        said["close"].append(1.0)
    elif case.name == "DELTA":
        del said["result"][1]["close"]
    else:
        (said["data"]["candles"] if case.name == "ZERODHA" else said)[1].append(1)


@every_venue
def test_rows_of_another_length_are_refused(case: VenueCase) -> None:
    refused(case, {"wider": as_fault(case, widened)})


def at(row: int, ms: Callable[[int], int]) -> Change:
    """Give ``row`` another open time."""
    return lambda case, said: case.put(said, row, "time", case.time(ms(OPENING_MS + row * QUARTER.ms)))


def units(factor: float) -> Change:
    """Write all times in another unit."""

    def change(case: VenueCase, said: Any) -> Any:
        for row in range(5):
            ms = OPENING_MS + row * QUARTER.ms
            case.put(said, row, "time", int((ms if case.time(1000) == 1000 else ms // 1000) * factor))

    return change


def spread(after: Callable[[int], int]) -> Change:
    """Write the time that comes so many milliseconds ``after`` the opening into every row."""

    def change(case: VenueCase, said: Any) -> Any:
        for row in range(5):
            case.put(said, row, "time", case.time(OPENING_MS + after(row)))

    return change


TIMES: dict[str, Change] = {
    "off the grid": at(2, lambda ms: ms + 7000),
    "in the future": at(4, lambda ms: ms + 1000 * DAY_MS),
    "before the range": at(0, lambda ms: ms - 2 * DAY_MS),
    "after the range": at(4, lambda ms: ms + DAY_MS),
    "at night": at(3, lambda ms: ms + 12 * 4 * QUARTER.ms),
    "in Indian time": spread(lambda row: (row + 22) * QUARTER.ms),
    "a conflicting repeat": lambda case, said: twice(case, said, conflict=True),
    "in another unit": units(1 / 1000),
    "in a finer unit": units(1000),
    "of a finer timeframe": spread(lambda row: row * 300_000),
}


def twice(case: VenueCase, said: Any, *, conflict: bool) -> Any:
    page = case.take(said, [0, 1, 2, 3, 4, 2])
    if conflict:
        case.put(page, 5, "volume", case.number(77.0))
    return page


@every_venue
def test_wrong_times_are_refused(case: VenueCase) -> None:
    refused(case, {name: as_fault(case, change) for name, change in TIMES.items()})


@every_venue
def test_bars_of_a_coarser_timeframe_are_refused(case: VenueCase) -> None:
    """Some that lie on the grid may be all there are; so many that always leave out the same are of another timeframe."""
    hours = [OPENING_MS + day * DAY_MS + hour * 4 * QUARTER.ms for day in range(10) for hour in range(6)]
    with case.fake(saw(hours)) as venue:
        exchange = case.exchange(venue, policy=ONCE)
        assert len(exchange.fetch(case.symbol, QUARTER, OPENING_MS, OPENING_MS + 2 * DAY_MS)) == 12
        with pytest.raises(DataError, match="bars are 3600 s apart instead of 900 s: they belong to another timeframe"):
            exchange.fetch(case.symbol, QUARTER, OPENING_MS, OPENING_MS + 10 * DAY_MS)


def rows_only(rows: Sequence[int]) -> Change:
    return lambda case, said: case.take(said, rows)


@every_venue
def test_order_and_equal_repeats_do_not_matter(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue, policy=ONCE)
        good = case.fetch(exchange, 5).digest
        for rows in ([4, 3, 2, 1, 0], [1, 0, 4, 2, 3], [0, 1, 2, 3, 4, 4, 0], [2, 2, 2, 0, 1, 3, 4]):
            venue.faults = FaultPlan([as_fault(case, rows_only(rows))], path=case.page)
            assert case.fetch(exchange, 5).digest == good


PRICES = {
    "price 0": ("low", 0.0), "price below 0": ("low", -1.0), "high below low": ("high", 0.01), "open above the high": ("open", 1e6),
    "open below the low": ("open", 0.01), "close above the high": ("close", 1e6), "volume below 0": ("volume", -1.0),
}  # fmt: skip


@every_venue
def test_impossible_prices_are_refused(case: VenueCase) -> None:
    refused(case, {name: as_fault(case, raw(field, case.number(value))) for name, (field, value) in PRICES.items()})


@every_venue
def test_a_spike_is_kept_and_flagged(case: VenueCase) -> None:
    with case.fake() as venue:
        exchange = case.exchange(venue, policy=ONCE)
        spike = as_fault(case, lambda case, said: case.put(said, 12, "high", case.number(100_000.0)))
        venue.faults = FaultPlan([spike], path=case.page)
        candles = case.fetch(exchange)
    assert candles.high[12] == 100_000
    assert [open_ms for open_ms, _move in find_spikes(candles)] == [OPENING_MS + 12 * QUARTER.ms]


@every_venue
@pytest.mark.parametrize(("first", "count"), [(3, 1), (3, 20), (1, 23)])
def test_a_hole_is_left_as_it_is_and_has_its_exact_range(case: VenueCase, first: int, count: int) -> None:
    whole = saw(range(OPENING_MS, OPENING_MS + BARS * QUARTER.ms, QUARTER.ms))
    with case.fake(whole[:first] + whole[first + count :]) as venue:
        candles = case.fetch(case.exchange(venue))
    assert len(candles) == BARS - count
    holes = [(hole.start_ms, hole.end_ms, hole.bars) for hole in find_holes(candles)]
    assert holes == [(OPENING_MS + first * QUARTER.ms, OPENING_MS + (first + count) * QUARTER.ms, count)]


@every_venue
@pytest.mark.parametrize("days", [1, 30])
def test_days_without_bars_are_a_hole_where_the_venue_trades(case: VenueCase, days: int) -> None:
    bars = saw([*range(OPENING_MS, OPENING_MS + 4 * QUARTER.ms, QUARTER.ms), OPENING_MS + days * DAY_MS])
    with case.fake(bars) as venue:
        candles = case.exchange(venue).fetch(case.symbol, QUARTER, OPENING_MS, OPENING_MS + (days + 1) * DAY_MS)
    missing = sum(hole.bars for hole in find_holes(candles))
    assert len(candles) == 5
    if case.name in ("ZERODHA", "DHAN"):
        # 2 May to 1 June 2024 with the election day of 20 May: nights, weekends and holidays are no holes.
        assert missing == {1: 21, 30: 21 + 20 * 25}[days]
    else:
        assert missing == days * 96 - 4
