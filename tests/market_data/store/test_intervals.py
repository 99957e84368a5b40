"""Sets of time behave as sets of bars do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from market_data.store.intervals import Intervals, gaps_in, runs_of, union, without

RANGES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=8)


def points(ranges: Intervals | list[tuple[int, int]]) -> set[int]:
    return {point for start, end in ranges for point in range(start, end)}


def is_normal(ranges: Intervals) -> bool:
    edges = [edge for pair in ranges for edge in pair]
    return edges == sorted(set(edges))


@given(RANGES)
def test_union_holds_the_same_points(ranges: list[tuple[int, int]]) -> None:
    assert points(union(ranges)) == points(ranges)
    assert is_normal(union(ranges))


@given(RANGES, st.integers(0, 40), st.integers(0, 40))
def test_gaps_are_what_is_left(ranges: list[tuple[int, int]], start: int, end: int) -> None:
    gaps = gaps_in((start, end), union(ranges))
    assert points(gaps) == set(range(start, end)) - points(ranges)
    assert is_normal(gaps)


@given(RANGES, st.integers(0, 40), st.integers(0, 40))
def test_without_leaves_the_rest(ranges: list[tuple[int, int]], start: int, end: int) -> None:
    assert points(without(union(ranges), (start, end))) == points(ranges) - set(range(start, end))


@given(st.sets(st.integers(0, 60)))
def test_runs_hold_the_bars_and_no_hole(bars: set[int]) -> None:
    runs = runs_of(np.array(sorted(bars), np.int64) * 5, 5)
    assert points(runs) == {5 * bar + k for bar in bars for k in range(5)}
    assert is_normal(runs)
