"""Paging: every millisecond asked for once, and answers joined without loss or repair."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from exchanges.paging import Columns, join_pages, no_rows, plan_pages, require_window


@settings(max_examples=2000)
@given(
    start=st.integers(0, 2_000_000_000_000), length=st.integers(0, 10_000_000_000), step=st.sampled_from([60_000, 3_600_000, 604_800_000]),
    page=st.integers(1, 2000), span=st.one_of(st.none(), st.integers(1, 400_000_000)),
)  # fmt: skip
def test_pages_cover_the_range_once_and_none_is_too_long(start: int, length: int, step: int, page: int, span: int | None) -> None:
    page = max(page, length // step // 500)
    span = None if span is None else max(span, length // 500)
    pages = plan_pages(start, start + length, step, page, span)
    assert [end for _start, end in pages[:-1]] == [begin for begin, _end in pages[1:]]
    assert (pages[0][0], pages[-1][1]) == (start, start + length) if length else pages == []
    for begin, end in pages:
        assert 0 < end - begin <= page * step
        assert span is None or end - begin <= max(span, step)


def bars(times: list[int], closes: list[float] | None = None, **more: list[float]) -> Columns:
    close = np.array(closes if closes is not None else [float(time) for time in times])
    flat = {name: close.copy() for name in ("open", "high", "low", "close", "volume")}
    return {"timestamp": np.array(times, np.int64), **flat, **{name: np.array(values) for name, values in more.items()}}


def test_pages_are_joined_in_order_of_time() -> None:
    joined = join_pages("X", [bars([5, 6]), bars([]), bars([1, 2])])
    assert joined["timestamp"].tolist() == [1, 2, 5, 6]
    assert joined["close"].tolist() == [1, 2, 5, 6]


def test_newest_first_is_turned_round() -> None:
    assert join_pages("X", [bars([3, 2, 1])])["close"].tolist() == [1, 2, 3]


def test_equal_repeats_are_kept_once_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert join_pages("X", [bars([1, 2]), bars([2, 3])])["timestamp"].tolist() == [1, 2, 3]
    assert "X: 1 bar(s) come twice with the same values. Each is kept once." in caplog.messages


def test_three_equal_ones_are_kept_once() -> None:
    assert join_pages("X", [bars([2, 2, 1, 2])])["timestamp"].tolist() == [1, 2]


def test_different_bars_of_one_time_are_refused_with_count_and_first() -> None:
    with pytest.raises(DataError, match=r"X: 2 bar\(s\) come twice with different values, first 1970-01-01 00:01 UTC"):
        join_pages("X", [bars([60_000, 120_000], [1.0, 2.0]), bars([120_000, 60_000], [3.0, 4.0])])


def test_nan_that_comes_twice_is_no_equal_bar() -> None:
    with pytest.raises(DataError):
        join_pages("X", [bars([1, 1], [float("nan"), float("nan")])])


def test_nothing_joined_is_no_rows() -> None:
    assert len(join_pages("X", [no_rows(), no_rows(quote_volume=True)])["timestamp"]) == 0


def test_column_that_one_page_lacks_is_left_out() -> None:
    assert "quote_volume" not in join_pages("X", [bars([1], quote_volume=[1.0]), bars([2])])
    assert join_pages("X", [bars([1], quote_volume=[1.0]), bars([2], quote_volume=[5.0])])["quote_volume"].tolist() == [1, 5]


@pytest.mark.parametrize("times", [[9, 10], [10, 20], [100]])
def test_bars_outside_what_was_asked_for_are_refused(times: list[int]) -> None:
    with pytest.raises(DataError, match="outside what was asked for"):
        require_window("X", bars(times), 10, 20)


def test_bars_inside_pass() -> None:
    require_window("X", bars([10, 19]), 10, 20)
    require_window("X", no_rows(), 10, 20)
