"""Holes: found exactly, and treated as the policy says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.run import GapPolicy
from core.errors import DataError
from market_data.gaps import Hole, apply_gap_policy, expected_bars, fill_holes, find_holes
from tests.exchanges.candle_tables import HOUR_MS, START_MS
from tests.market_data.series import series

# Holes lie between the first and the last bar.
MISSING = st.sets(st.integers(1, 118), max_size=110)


def test_hole_has_its_exact_range() -> None:
    assert find_holes(series(10, missing=[3, 4, 8])) == [
        Hole(START_MS + 3 * HOUR_MS, START_MS + 5 * HOUR_MS, 2),
        Hole(START_MS + 8 * HOUR_MS, START_MS + 9 * HOUR_MS, 1),
    ]


@given(MISSING)
def test_bars_and_holes_make_up_the_whole_grid(missing: set[int]) -> None:
    candles = series(120, missing=sorted(missing))
    holes = find_holes(candles)
    absent = [ms for hole in holes for ms in range(hole.start_ms, hole.end_ms, HOUR_MS)]
    assert absent == [START_MS + k * HOUR_MS for k in sorted(missing)]
    assert sum(hole.bars for hole in holes) == len(missing)
    assert len(candles) + len(absent) == expected_bars(candles) == 120


@given(MISSING)
def test_filling_adds_bars_without_trades_and_changes_no_other(missing: set[int]) -> None:
    candles = series(120, missing=sorted(missing))
    filled = fill_holes(candles)
    assert filled.open_ms.tolist() == [START_MS + k * HOUR_MS for k in range(120)]
    last_close = np.nan
    whole = series(120)
    for k in range(120):
        bar = [float(getattr(filled, name)[k]) for name in ("open", "high", "low", "close", "volume")]
        expected = [float(getattr(whole, name)[k]) for name in ("open", "high", "low", "close", "volume")]
        assert bar == ([last_close] * 4 + [0.0] if k in missing else expected)
        last_close = bar[3]
    assert filled.quote_volume is not None
    assert (filled.quote_volume[sorted(missing)] == 0).all()


@given(MISSING)
def test_filling_twice_is_filling_once(missing: set[int]) -> None:
    once = fill_holes(series(120, missing=sorted(missing)))
    assert fill_holes(once).digest == once.digest
    assert find_holes(once) == []


def test_series_without_holes_is_handed_back_as_it_is() -> None:
    candles = series(50)
    for policy in GapPolicy:
        assert apply_gap_policy(candles, policy) is candles


def test_refuse_allows_no_hole() -> None:
    with pytest.raises(
        DataError, match=r"TEST X 1h: 1 of 10 bars are missing \(10.000%\) in 1 hole, UTC: 2024-01-01 03:00 to 2024-01-01 04:00"
    ):
        apply_gap_policy(series(10, missing=[3]), GapPolicy.REFUSE)


def test_keep_allows_every_hole() -> None:
    candles = series(100, missing=range(1, 99))
    assert apply_gap_policy(candles, GapPolicy.KEEP) is candles


def test_fill_leaves_no_hole() -> None:
    assert len(apply_gap_policy(series(100, missing=range(1, 99)), GapPolicy.FILL)) == 100


@pytest.mark.parametrize(("bars", "missing", "kept"), [(1000, 1, True), (999, 1, False), (2000, 2, True), (2000, 3, False)])
def test_auto_keeps_a_thousandth_and_no_more(bars: int, missing: int, kept: bool) -> None:
    candles = series(bars, missing=range(5, 5 + missing))
    if kept:
        assert apply_gap_policy(candles, GapPolicy.AUTO) is candles
    else:
        with pytest.raises(DataError, match=r"more than the 0.1% that are kept. Set gaps to fill .* or keep"):
            apply_gap_policy(candles, GapPolicy.AUTO)


def test_many_holes_are_counted_and_the_first_are_listed() -> None:
    with pytest.raises(DataError, match=r"20 of 100 bars are missing \(20.000%\) in 20 holes.*2024-01-01 03:00 to.*; and 15 more"):
        apply_gap_policy(series(100, missing=range(3, 83, 4)), GapPolicy.AUTO)
