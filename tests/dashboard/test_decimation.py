"""Short enough for a screen, with every extreme in place."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.decimation import Span, extremes, merge_candles


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=400), st.integers(8, 60))
def test_first_last_lowest_and_highest_stay(numbers: list[float], limit: int) -> None:
    values = np.array(numbers)
    kept = extremes(values, limit)
    assert len(kept) <= limit
    assert (np.diff(kept) > 0).all()
    assert kept[0] == 0
    assert kept[-1] == len(values) - 1
    assert values[kept].min() == values.min()
    assert values[kept].max() == values.max()


def test_short_series_stay_whole() -> None:
    assert extremes(np.arange(10.0), 10).tolist() == list(range(10))


def test_undefined_values_do_not_hide_extremes() -> None:
    values = np.full(100, np.nan)
    values[[37, 61]] = [5, -5]
    kept = extremes(values, 20)
    assert {37, 61} <= set(kept.tolist())


@pytest.mark.parametrize(("bars", "limit", "size"), [(10, 10, 1), (11, 10, 2), (25, 10, 3), (1, 1, 1)])
def test_merged_candles_hold_their_neighbours(bars: int, limit: int, size: int) -> None:
    rng = np.random.default_rng(bars)
    columns = {name: rng.uniform(1, 2, bars) for name in ("open", "high", "low", "close", "volume")}
    frame = pl.DataFrame({"timestamp": np.arange(bars)} | columns)
    merged, found = merge_candles(frame, limit)
    assert found == size
    assert len(merged) == -(-bars // size)
    assert merged["timestamp"].to_list() == list(range(0, bars, size))
    assert merged["volume"].sum() == pytest.approx(frame["volume"].sum())
    for row in range(len(merged)):
        part = frame[row * size : (row + 1) * size]
        assert merged.row(row, named=True)["high"] == part["high"].max()
        assert merged.row(row, named=True)["low"] == part["low"].min()
        assert merged.row(row, named=True)["open"] == part["open"][0]
        assert merged.row(row, named=True)["close"] == part["close"][-1]


@pytest.mark.parametrize(("start", "end", "rows"), [
    (None, None, [0, 10, 20, 30]), (10, 20, [0, 10, 20, 30]), (11, 19, [10, 20]), (25, None, [20, 30]), (None, 5, [0, 10]),
    (40, 50, [0, 10, 20, 30]), (-9, -1, [0, 10, 20, 30]),
])  # fmt: skip
def test_spans_take_one_more_on_either_side(start: int | None, end: int | None, rows: list[int]) -> None:
    frame = pl.DataFrame({"time": [0, 10, 20, 30]})
    found = Span(start, end).of(frame, "time")["time"].to_list()
    assert found == rows
