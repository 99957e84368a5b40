"""Coarser bars hold exactly what their finer bars hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.candles import Candles
from core.errors import DataError
from core.timeframe import DAY_MS, Timeframe
from market_data.resample import resample
from tests.exchanges.candle_tables import START_MS
from tests.market_data.series import series

HOUR = Timeframe.parse("1h")


def slow_twin(candles: Candles, timeframe: Timeframe) -> dict[int, tuple[float, ...]]:
    """Return {open: (open, high, low, close, volume, quote volume)} of the complete bars, built one by one."""
    assert candles.quote_volume is not None
    bars: dict[int, tuple[float, ...]] = {}
    first, last = int(candles.open_ms[0]), candles.end_ms
    for begin in sorted({timeframe.floor(int(ms)) for ms in candles.open_ms}):
        inside = [k for k, ms in enumerate(candles.open_ms) if begin <= ms < begin + timeframe.ms]
        complete = begin >= first and begin + timeframe.ms <= last
        if complete and 2 * len(inside) >= timeframe.ms // candles.timeframe.ms:
            bars[begin] = (
                float(candles.open[inside[0]]),
                max(float(candles.high[k]) for k in inside),
                min(float(candles.low[k]) for k in inside),
                float(candles.close[inside[-1]]),
                sum(float(candles.volume[k]) for k in inside),
                sum(float(candles.quote_volume[k]) for k in inside),
            )
    return bars


def as_bars(candles: Candles) -> dict[int, tuple[float, ...]]:
    return {row[0]: tuple(row[1:]) for row in candles.to_polars().rows()}


@given(
    st.integers(30, 400),
    st.integers(0, 200),
    st.sets(st.integers(1, 398)),
    st.sampled_from([("5m", "15m"), ("5m", "1h"), ("15m", "4h"), ("1h", "1d"), ("1d", "1w")]),
)
def test_bars_equal_the_slow_twin(bars: int, shift: int, missing: set[int], pair: tuple[str, str]) -> None:
    fine, coarse = Timeframe.parse(pair[0]), Timeframe.parse(pair[1])
    candles = series(bars, pair[0], missing=sorted(missing), start_ms=START_MS + shift * fine.ms)
    expected = slow_twin(candles, coarse)
    if expected:
        assert as_bars(resample(candles, coarse)) == expected
    else:
        with pytest.raises(DataError, match="no complete"):
            resample(candles, coarse)


def test_first_and_last_incomplete_bars_are_left_out() -> None:
    result = resample(series(60, start_ms=START_MS + 5 * HOUR.ms), Timeframe.parse("1d"))
    assert result.open_ms.tolist() == [START_MS + DAY_MS]


def test_weeks_begin_on_monday() -> None:
    result = resample(series(30, "1d", start_ms=START_MS - 3 * DAY_MS), Timeframe.parse("1w"))
    assert result.open_ms.tolist() == [START_MS, START_MS + 7 * DAY_MS, START_MS + 14 * DAY_MS]


@pytest.mark.parametrize(("missing", "made"), [(range(24, 36), True), (range(24, 37), False), (range(36, 48), True), (range(25, 37), True)])
def test_bar_with_holes_is_made_of_at_least_half(missing: range, made: bool) -> None:
    result = resample(series(72, missing=missing), Timeframe.parse("1d"))
    assert (START_MS + DAY_MS in result.open_ms.tolist()) is made


def test_same_timeframe_is_handed_back() -> None:
    candles = series(10)
    assert resample(candles, HOUR) is candles


def test_in_two_steps_as_in_one() -> None:
    candles = series(24 * 5, "1h")
    day = Timeframe.parse("1d")
    assert as_bars(resample(resample(candles, Timeframe.parse("4h")), day)) == as_bars(resample(candles, day))


def test_finer_bars_cannot_be_made() -> None:
    with pytest.raises(DataError, match="TEST X 1h: 5m candles cannot be made of 1h candles; choose a multiple of 1h"):
        resample(series(10), Timeframe.parse("5m"))


def test_too_short_a_series_has_no_complete_bar() -> None:
    with pytest.raises(DataError, match="23 bars hold no complete 1d bar"):
        resample(series(23), Timeframe.parse("1d"))


def test_market_and_marks_are_kept() -> None:
    result = resample(series(48, has_volume=False), Timeframe.parse("1d"))
    assert str(result.market) == "TEST X 1d"
    assert not result.has_volume
    assert not result.synthetic
    assert result.quote_volume is not None
    assert np.isfinite(result.quote_volume).all()


@given(
    st.integers(30, 400),
    st.integers(0, 200),
    st.sampled_from([("5m", "15m"), ("5m", "1h"), ("15m", "4h"), ("1h", "1d"), ("1d", "1w")]),
)
def test_bars_without_holes_take_a_shorter_way_to_the_same_result(bars: int, shift: int, pair: tuple[str, str]) -> None:
    fine, coarse = Timeframe.parse(pair[0]), Timeframe.parse(pair[1])
    whole = series(bars + 1, pair[0], start_ms=START_MS + shift * fine.ms)
    # The same bars with one more after a hole: the long way, whose bars up to the hole must be equal.
    holed = series(bars + 2 + 2 * coarse.ms // fine.ms, pair[0], missing=[bars + 1], start_ms=START_MS + shift * fine.ms)
    end = whole.end_ms - coarse.ms
    try:
        short, long = as_bars(resample(whole, coarse)), as_bars(resample(holed, coarse))
    except DataError:
        return
    assert {ms: bar for ms, bar in short.items() if ms <= end} == {ms: bar for ms, bar in long.items() if ms <= end}
