"""Candles are read-only, cut without copies, independent of the caller's arrays, and told apart by their digest."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.candles import Candles
from core.errors import DataError
from core.market import Market
from core.timeframe import Timeframe
from tests.core.bars import HOUR_MS, MARKET, START_MS, candles, columns, with_cell
from tests.core.processes import run_python

ARRAYS = ("open_ms", "open", "high", "low", "close", "volume", "quote_volume")


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_are_read_only_contiguous_and_typed(name: str) -> None:
    array = getattr(candles(), name)
    assert array.flags.c_contiguous
    assert array.dtype == (np.int64 if name == "open_ms" else np.float64)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_fields_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        candles().close = np.ones(6)  # type: ignore[misc]


def test_callers_arrays_stay_writeable_and_are_not_shared() -> None:
    own = columns()
    found = Candles.from_arrays(MARKET, own)
    for name, array in own.items():
        before = array[0]
        array[0] = 55
        assert getattr(found, "open_ms" if name == "timestamp" else name)[0] == before


def test_read_only_view_of_a_writeable_array_is_not_shared() -> None:
    own = columns()
    view = own["close"].view()
    view.flags.writeable = False
    found = Candles.from_arrays(MARKET, own | {"close": view})
    own["close"][0] = 55.0
    assert found.close[0] == 101.0


def test_read_only_arrays_are_taken_without_a_copy() -> None:
    close = columns()["close"]
    close.flags.writeable = False
    assert np.shares_memory(Candles.from_arrays(MARKET, columns(close=close)).close, close)


@pytest.mark.parametrize("name", ARRAYS)
def test_slices_and_spans_share_memory(name: str) -> None:
    whole = candles()
    for part in (whole[2:5], whole[-3:], whole.between(START_MS + HOUR_MS, START_MS + 4 * HOUR_MS), whole[1:][1:3]):
        assert np.shares_memory(getattr(part, name), getattr(whole, name))
        assert not getattr(part, name).flags.writeable


@given(st.integers(-12, 12), st.integers(-12, 12))
def test_slices_hold_what_slices_of_lists_hold(start: int, stop: int) -> None:
    whole = candles()
    expected = list(whole.open_ms)[start:stop]
    if expected:
        assert list(whole[start:stop].open_ms) == expected
    else:
        with pytest.raises(DataError, match="no forward slice with at least one bar"):
            whole[start:stop]


@pytest.mark.parametrize("step", [-1, 2])
def test_slices_with_steps_are_refused(step: int) -> None:
    with pytest.raises(DataError, match="no forward slice"):
        candles()[::step]


def test_slices_keep_market_and_flags() -> None:
    part = candles(has_volume=False, synthetic=True)[1:3]
    assert (part.market, part.has_volume, part.synthetic, part.timeframe) == (MARKET, False, True, MARKET.timeframe)


def test_span_takes_its_start_and_leaves_its_end() -> None:
    found = candles().between(START_MS + 1, START_MS + 3 * HOUR_MS)
    assert list(found.open_ms) == [START_MS + HOUR_MS, START_MS + 2 * HOUR_MS]
    assert found.end_ms == START_MS + 3 * HOUR_MS


def test_empty_span_names_what_was_asked_and_what_there_is() -> None:
    with pytest.raises(DataError) as caught:
        candles().between(START_MS + 48 * HOUR_MS, START_MS + 72 * HOUR_MS)
    assert "no bars from 2024-01-03 00:00 to 2024-01-04 00:00 UTC" in str(caught.value)
    assert "the series spans 2024-01-01 00:00 to 2024-01-01 06:00 UTC" in str(caught.value)


def test_span_beyond_every_calendar_is_refused_like_any_other() -> None:
    with pytest.raises(DataError, match=r"no bars from 100000000000000000 ms to 1000000000000000000 ms"):
        candles().between(10**17, 10**18)


def test_index_is_that_of_the_first_bar_at_or_after() -> None:
    found = candles()
    assert [found.index_of(START_MS + ms) for ms in (-1, 0, 1, HOUR_MS, 6 * HOUR_MS)] == [0, 0, 1, 1, 6]


def changed_cell(name: str) -> Candles:
    return Candles.from_arrays(MARKET, with_cell(name, 3, columns()[name][3] + 0.5))


CHANGES: dict[str, Callable[[], Candles]] = {
    **{name: partial(changed_cell, name) for name in list(columns())[1:]},
    "time": lambda: Candles.from_arrays(MARKET, with_cell("timestamp", 5, START_MS + 9 * HOUR_MS)),
    "last bit": lambda: Candles.from_arrays(MARKET, with_cell("close", 3, np.nextafter(104.0, 105.0))),
    "exchange": lambda: replace(candles(), market=Market("DELTA", "BTCUSDT", MARKET.timeframe)),
    "symbol": lambda: replace(candles(), market=Market("BINANCE", "ETHUSDT", MARKET.timeframe)),
    "timeframe": lambda: replace(candles(), market=Market("BINANCE", "BTCUSDT", Timeframe.parse("5m"))),
    "has_volume": lambda: candles(has_volume=False),
    "quote_volume": lambda: replace(candles(), quote_volume=None),
    "length": lambda: candles()[:5],
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES.keys())
def test_digest_changes_with_everything_that_is_content(changed: Callable[[], Candles]) -> None:
    assert changed().digest != candles().digest


def test_digest_of_a_slice_is_that_of_its_bars_alone() -> None:
    assert candles(8)[:6].digest == candles(6).digest


def test_digest_is_the_same_in_a_process_with_other_hashes() -> None:
    program = "from tests.core.bars import candles; print(candles().digest)"
    assert run_python(program, PYTHONHASHSEED="1") == candles().digest


def test_digest_is_the_one_of_earlier_versions() -> None:
    assert candles().digest == "36c0efee50c4e76553e67c28029567b520197f72f82beca9af5e057173e651a9"
