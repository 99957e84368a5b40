"""Bars of a held position that are passed many at a time leave what bar after bar leaves, bit for bit."""

import numpy as np
import pytest

from backtest_engine import Simulation
from backtest_engine.inputs import windows_of
from backtest_engine.score_records import WINDOW
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
    """With the closes' extremes gone the drawdowns are wrong, so the bars were not passed one by one."""
    seen = 0
    for _, fast, slow in pairs(6):
        windows = fast._bars.windows
        blank = np.full(len(windows.close_low), np.inf)
        blank.flags.writeable = False
        fast._bars = fast._bars._replace(windows=windows._replace(close_low=blank, close_high=blank))
        seen += _max_drawdown(fast) != _max_drawdown(slow)
    assert seen > 5


@pytest.mark.parametrize("bars", [1, WINDOW - 1, WINDOW, WINDOW + 1, 100])
def test_windows_hold_the_extremes_of_bars_in_a_row(bars: int) -> None:
    candles = random_walk(bars, 3)
    windows = windows_of(candles)
    starts = range(max(0, bars - WINDOW + 1))
    np.testing.assert_array_equal(windows.high, [candles.high[i : i + WINDOW].max() for i in starts])
    np.testing.assert_array_equal(windows.low, [candles.low[i : i + WINDOW].min() for i in starts])
    np.testing.assert_array_equal(windows.close_high, [candles.close[i : i + WINDOW].max() for i in starts])
    np.testing.assert_array_equal(windows.close_low, [candles.close[i : i + WINDOW].min() for i in starts])


def _max_drawdown(simulation: Simulation) -> float:
    return simulation.run().metrics.max_drawdown
