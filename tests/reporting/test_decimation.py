"""Charts get fewer points, but keep ends, peaks and troughs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from reporting.decimation import decimate


@given(count=st.integers(1, 5000), limit=st.integers(4, 300), seed=st.integers(0, 100))
def test_keeps_ends_and_extremes_within_the_limit(count: int, limit: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=count).cumsum()
    kept = decimate(values, limit)
    assert len(kept) <= max(limit, 4)
    assert np.all(np.diff(kept) > 0)
    assert kept[0] == 0
    assert kept[-1] == count - 1
    assert values[kept].min() == values.min()
    assert values[kept].max() == values.max()


def test_short_series_are_kept_whole() -> None:
    assert decimate(np.arange(5.0), 10).tolist() == [0, 1, 2, 3, 4]
