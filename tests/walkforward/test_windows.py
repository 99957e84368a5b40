"""Windows are index arithmetic: tables by hand, and laws for any series."""

import doctest
import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from config import WalkForwardConfig
from core.errors import ConfigError, DataError
from walkforward import windows as windows_module
from walkforward.windows import Window, split

HOUR, DAY = 3_600_000, 86_400_000
START = 1_704_067_200_000  # 2024-01-01 UTC


def hours(days: float, start: int = START) -> NDArray[np.int64]:
    return start + np.arange(round(days * 24), dtype=np.int64) * HOUR


def numbers(windows: list[Window]) -> list[tuple[int, int, int, int]]:
    return [(window.is_start, window.is_end, window.oos_start, window.oos_end) for window in windows]


def test_calendar_year_2024_has_fifteen_windows() -> None:
    windows = split(hours(366), HOUR, WalkForwardConfig())
    assert len(windows) == 15
    assert windows[-1].oos_end_ms == START + 360 * DAY
    assert [window.index for window in windows] == list(range(15))


@pytest.mark.parametrize(
    ("days", "settings", "expected"),
    [
        (6, {}, [(0, 96, 96, 144)]),
        (8, {}, [(0, 96, 96, 144), (48, 144, 144, 192)]),
        (9.9, {}, [(0, 96, 96, 144), (48, 144, 144, 192)]),
        (8, {"anchored": True}, [(0, 96, 96, 144), (0, 144, 144, 192)]),
        (8, {"embargo_bars": 5}, [(0, 96, 101, 149)]),
        (9, {"embargo_bars": 24}, [(0, 96, 120, 168), (48, 144, 168, 216)]),
        (10, {"stride_days": 3}, [(0, 96, 96, 144), (72, 168, 168, 216)]),
        (3, {"is_length_days": 1.5, "oos_length_days": 0.5, "stride_days": 0.75}, [(0, 36, 36, 48), (18, 54, 54, 66)]),
    ],
    ids=["one", "two", "last part ignored", "anchored", "embargo pushes out", "embargo", "stride beyond", "parts of days"],
)
def test_table_of_windows(days: float, settings: dict[str, Any], expected: list[tuple[int, int, int, int]]) -> None:
    defaults = {"is_length_days": 4, "oos_length_days": 2, "stride_days": 2}
    config = WalkForwardConfig(**(defaults | settings))
    assert numbers(split(hours(days), HOUR, config)) == expected


def test_anchored_has_two_names() -> None:
    lengths: dict[str, Any] = {"is_length_days": 4, "oos_length_days": 2, "stride_days": 2}
    words_of: list[dict[str, Any]] = [{"scheme": "anchored"}, {"anchored": True}, {"scheme": "anchored", "anchored": True}]
    by_scheme, by_switch, both = (split(hours(12), HOUR, WalkForwardConfig(**lengths, **words)) for words in words_of)
    assert by_scheme == by_switch == both != split(hours(12), HOUR, WalkForwardConfig(**lengths))
    with pytest.raises(ConfigError, match="scheme = 'growing' is not allowed"):
        WalkForwardConfig.model_validate({"scheme": "growing"})


def test_holes_move_no_border() -> None:
    config = WalkForwardConfig(is_length_days=4, oos_length_days=2, stride_days=2)
    whole = hours(8)
    holed = np.delete(whole, slice(100, 130))
    for window, reference in zip(split(holed, HOUR, config), split(whole, HOUR, config), strict=True):
        assert (window.is_start_ms, window.oos_end_ms) == (reference.is_start_ms, reference.oos_end_ms)
        assert np.all(holed[window.oos_start : window.oos_end] >= window.oos_start_ms)
        assert np.all(holed[window.oos_start : window.oos_end] < window.oos_end_ms)


def test_last_bar_counts_to_its_close() -> None:
    config = WalkForwardConfig(is_length_days=4, oos_length_days=2, stride_days=2)
    assert len(split(hours(6), HOUR, config)) == 1
    with pytest.raises(DataError):
        split(hours(6)[:-1], HOUR, config)


def test_too_short_data_says_what_is_needed_and_what_is_there() -> None:
    with pytest.raises(
        DataError, match=r"at least 80 days .*60 in sample \+ 20 out of sample.* there are 79 .*2024-01-01 00:00 to 2024-03-20"
    ):
        split(hours(79), HOUR, WalkForwardConfig())
    with pytest.raises(DataError, match=r"at least 81 days .*24 embargo bars"):
        split(hours(80), HOUR, WalkForwardConfig(embargo_bars=24))


def test_part_without_a_bar_is_refused_by_name() -> None:
    config = WalkForwardConfig(is_length_days=4, oos_length_days=2, stride_days=2)
    with pytest.raises(DataError, match="window 0 has no candle in its out-of-sample part, 2024-01-05 00:00 to 2024-01-07 00:00 UTC"):
        split(np.delete(hours(12), slice(96, 144)), HOUR, config)
    with pytest.raises(DataError, match="window 1 has no candle in its in-sample part"):
        split(np.delete(hours(20), slice(132, 217)), HOUR, WalkForwardConfig(is_length_days=3, oos_length_days=3, stride_days=6))


def test_docstring_shows_real_folds() -> None:
    assert doctest.testmod(windows_module).attempted > 0
    assert doctest.testmod(windows_module).failed == 0


@given(
    days=st.floats(8, 60),
    is_days=st.floats(1, 6),
    oos_days=st.floats(0.3, 2),
    extra_stride=st.floats(0, 2),
    embargo=st.integers(0, 30),
    anchored=st.booleans(),
    seed=st.integers(0, 50),
)
def test_laws_of_windows(
    days: float, is_days: float, oos_days: float, extra_stride: float, embargo: int, anchored: bool, seed: int
) -> None:
    keep = np.random.default_rng(seed).random(round(days * 24)) > 0.02
    open_ms = hours(days)[keep]
    config = WalkForwardConfig(
        is_length_days=is_days, oos_length_days=oos_days, stride_days=oos_days + extra_stride, embargo_bars=embargo, anchored=anchored
    )
    try:
        windows = split(open_ms, HOUR, config)
    except DataError:
        return
    end_ms = int(open_ms[-1]) + HOUR
    for window in windows:
        assert 0 <= window.is_start < window.is_end <= window.oos_start < window.oos_end <= len(open_ms)
        assert window.oos_start_ms - window.is_end_ms == embargo * HOUR
        assert open_ms[window.oos_start] - open_ms[window.is_end - 1] > embargo * HOUR
        assert window.oos_end_ms <= end_ms
        assert (window.is_start == 0) or not anchored
    for earlier, later in itertools.pairwise(windows):
        assert earlier.oos_end <= later.oos_start
        assert earlier.is_end < later.is_end
    following = windows[-1].oos_end_ms + (config.stride_days * DAY)
    assert following > end_ms - 1
