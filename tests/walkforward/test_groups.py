"""Combinatorial windows: every path tests every day once, with a search that has not seen it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from config import WalkForwardConfig
from core.errors import ConfigError, DataError
from core.timeframe import DAY_MS
from tests.walkforward.markets import HOUR, START, candles
from walkforward.groups import combinatorial, searched_bars, windows_of
from walkforward.windows import split


def config(groups: int, tested: int, embargo: int = 0) -> WalkForwardConfig:
    return WalkForwardConfig(scheme="combinatorial", groups=groups, tested_groups=tested, embargo_bars=embargo)


def hours(days: float) -> NDArray[np.int64]:
    return START + np.arange(round(days * 24), dtype=np.int64) * HOUR


@pytest.mark.parametrize(("groups", "tested", "paths"), [(6, 2, 5), (10, 2, 9), (10, 8, 36), (3, 2, 2), (12, 6, 462), (6, 1, 1)])
def test_number_of_paths(groups: int, tested: int, paths: int) -> None:
    windows = combinatorial(hours(groups), HOUR, config(groups, tested))
    assert {window.path for window in windows} == set(range(paths))
    assert len(windows) == groups * paths
    assert paths == math.comb(groups, tested) * tested // groups


def test_windows_by_hand() -> None:
    windows = combinatorial(hours(13), HOUR, config(3, 2, embargo=5))
    day = [START + k * DAY_MS for k in range(14)]
    # three groups of four days, the last one with the day left over; five hours of embargo are a whole day on both sides
    tested = [(day[0], day[4]), (day[4], day[8]), (day[8], day[13])]
    first, ends, last = ((day[0], day[9]),), ((day[0], day[5]), (day[7], day[13])), ((day[3], day[13]),)
    assert [(window.oos_start_ms, window.oos_end_ms) for window in windows] == tested * 2
    assert [window.left_out_ms for window in windows] == [first, first, ends, ends, last, last]
    assert [window.is_length_ms // DAY_MS for window in windows] == [4, 4, 2, 2, 3, 3]
    assert (windows[4].oos_start, windows[4].oos_end) == (96, 192)


@given(
    days=st.floats(16, 90),
    groups=st.integers(3, 8),
    tested=st.integers(1, 7),
    embargo=st.integers(0, 30),
    seed=st.integers(0, 50),
)
def test_laws_of_groups(days: float, groups: int, tested: int, embargo: int, seed: int) -> None:
    keep = np.random.default_rng(seed).random(round(days * 24)) > 0.02
    open_ms = hours(days)[keep]
    try:
        windows = combinatorial(open_ms, HOUR, config(groups, min(tested, groups - 1), embargo))
    except DataError:
        return
    assert [window.index for window in windows] == list(range(len(windows)))
    choices: dict[int, set[tuple[tuple[int, int], ...]]] = {}
    for path in {window.path for window in windows}:
        mine = [window for window in windows if window.path == path]
        assert np.concatenate([np.arange(each.oos_start, each.oos_end) for each in mine]).tolist() == list(range(len(open_ms)))
    for window in windows:
        kept = open_ms[searched_bars(open_ms, window.left_out_ms)]
        assert len(kept)
        far = (kept < window.oos_start_ms - embargo * HOUR) | (kept >= window.oos_end_ms + embargo * HOUR)
        assert far.all()
        assert all((end - start) % DAY_MS == 0 or end == window.is_end_ms for start, end in window.left_out_ms)
        chosen = choices.setdefault(window.oos_start, set())
        assert window.left_out_ms not in chosen or embargo
        chosen.add(window.left_out_ms)


def test_weeks_are_left_out_as_whole_bars() -> None:
    week = 7 * DAY_MS
    monday = START - START % week + 4 * DAY_MS
    times = monday + np.arange(30, dtype=np.int64) * week
    assert {
        (end - start) % week for window in combinatorial(times, week, config(4, 2, embargo=1)) for start, end in window.left_out_ms
    } == {0}


def test_every_scheme_gives_its_own_windows() -> None:
    market = candles(30)
    rolling = WalkForwardConfig(is_length_days=10, oos_length_days=5, stride_days=5)
    assert windows_of(market, rolling) == split(market.open_ms, HOUR, rolling)
    assert all(window.path is not None for window in windows_of(market, config(5, 2)))
    assert len(windows_of(market, config(5, 2))) == 20
    with pytest.raises(ConfigError, match="no windows that follow each other"):
        split(market.open_ms, HOUR, config(5, 2))


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ConfigError, match="tested_groups = 5 must be fewer than groups = 5"):
        config(5, 5)
    with pytest.raises(ConfigError, match="contradict each other"):
        WalkForwardConfig(scheme="combinatorial", anchored=True)


def test_too_little_data_is_refused_with_what_is_needed() -> None:
    with pytest.raises(DataError, match="need at least 6 days of candles, 1 for each of 6 groups, but there are 5"):
        combinatorial(hours(5), HOUR, config(6, 2))
    with pytest.raises(DataError, match="leaves no candle to search on"):
        combinatorial(hours(9), HOUR, config(3, 2, embargo=24 * 9))
    holed = hours(9)
    with pytest.raises(DataError, match="window 1 has no candle in its out-of-sample part"):
        combinatorial(np.delete(holed, slice(3 * 24, 6 * 24)), HOUR, config(3, 1))
