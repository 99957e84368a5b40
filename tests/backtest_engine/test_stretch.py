"""Bars of a held position that are passed many at a time leave what bar after bar leaves, bit for bit."""

import numpy as np
import pytest

from backtest_engine.inputs import windows_of
from backtest_engine.score_records import SPAN, WINDOW
from tests.backtest_engine.markets import random_walk
from tests.backtest_engine.stretches import pairs, records_of


@pytest.mark.parametrize("step", [300, 97, 13])
def test_passing_many_bars_at_once_changes_no_bit(step: int) -> None:
    """Wherever both stop on the way: accounts, sums, drawdowns and equity."""
    trades = 0
    for name, fast, slow in pairs(40):
        for end in [*range(step, fast.bars, step), fast.bars]:
            fast.advance(end)
            slow.advance(end)
            assert records_of(fast) == records_of(slow), f"{name}, bar {end}"
        assert fast.run().digest == slow.run().digest, name
        trades += fast.metrics().total_trades
    assert trades > 500


def test_stretches_are_passed_at_all() -> None:
    """With the extremes of many bars gone nothing looks quiet for long, and prices go by unseen where they say that all is quiet."""
    seen = 0
    for _, fast, slow in pairs(6):
        windows = fast._bars.windows
        calm = np.full(len(windows.span_low), fast._bars.close.mean())
        calm.flags.writeable = False
        fast._bars = fast._bars._replace(windows=windows._replace(span_low=calm, span_high=calm))
        seen += fast.run().digest != slow.run().digest
    assert seen > 5


@pytest.mark.parametrize("bars", [1, WINDOW - 1, WINDOW, WINDOW + 1, SPAN - 1, SPAN, SPAN + 1, 100])
def test_windows_hold_the_extremes_of_bars_in_a_row(bars: int) -> None:
    candles = random_walk(bars, 3)
    windows = windows_of(candles)
    for many, high, low in ((WINDOW, windows.high, windows.low), (SPAN, windows.span_high, windows.span_low)):
        starts = range(max(0, bars - many + 1))
        np.testing.assert_array_equal(high, [candles.high[i : i + many].max() for i in starts])
        np.testing.assert_array_equal(low, [candles.low[i : i + many].min() for i in starts])
    assert (windows.highest, windows.lowest) == (candles.high.max(), candles.low.min())
