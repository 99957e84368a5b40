"""Bars of a held position that are passed many at a time leave what bar after bar leaves, bit for bit."""

from pathlib import Path

import numpy as np
import pytest

from backtest_engine import BatchSimulation, Simulation
from backtest_engine.inputs import windows_of
from backtest_engine.score_records import SPAN, WINDOW
from config import Distance, ExecutionConfig
from tests.backtest_engine.markets import random_walk
from tests.backtest_engine.stretches import BARS, PLAIN, pairs, records_of, touching

ONCE = """
import numpy as np
from strategies import Signals

class Once:
    name = "once"
    params = ()

    def warmup(self, params):
        return 0

    def signals(self, candles, params):
        direction = np.zeros(len(candles), np.int8)
        direction[1] = {side}
        return Signals(direction, np.full(len(candles), 100.0), np.full(len(candles), 2.0))

STRATEGY = Once()
"""


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


@pytest.mark.parametrize("side", [1, -1])
def test_a_batch_sees_the_lowest_or_highest_price_of_all_touch_a_stop(side: int, tmp_path: Path) -> None:
    candles, signals = touching(side)
    (tmp_path / "once.py").write_text(ONCE.format(side=side))
    base = PLAIN.replace(name=str(tmp_path / "once.py"), stop_type=Distance.PERCENT)
    account, stops = ExecutionConfig(slippage=0.0), [0.02, 0.0201]
    batch = BatchSimulation(candles, base, {"stop_distance": stops}, 1.0, account)
    batch.advance(batch.bars)
    for row, stop in enumerate(stops):
        alone = Simulation(candles, base.replace(stop_distance=stop), 1.0, account, signals=signals).run()
        assert alone.trades["exit_reason"].to_list() == [["stop_loss", "end_of_data"][row]]
        assert repr(batch.metrics(row)) == repr(alone.metrics)


def test_a_batch_asks_whether_any_price_can_end_a_position() -> None:
    """Told that all prices lie between two that nothing is beyond, it goes past every stop."""
    values = {"stop_distance": [0.01, 0.02, 0.03]}
    base = PLAIN.replace(name="ema_cross", params={"fast": 5, "slow": 20}, stop_type=Distance.PERCENT)
    honest, misled = (BatchSimulation(random_walk(BARS, 4), base, values, 1.0, ExecutionConfig()) for _ in range(2))
    misled._bars = misled._bars._replace(windows=misled._bars.windows._replace(lowest=np.inf, highest=-np.inf))
    for batch in (honest, misled):
        batch.advance(batch.bars)
    assert (honest.figures()["final_equity"] != misled.figures()["final_equity"]).all()


@pytest.mark.parametrize("bars", [1, WINDOW - 1, WINDOW, WINDOW + 1, SPAN - 1, SPAN, SPAN + 1, 100])
def test_windows_hold_the_extremes_of_bars_in_a_row(bars: int) -> None:
    candles = random_walk(bars, 3)
    windows = windows_of(candles)
    for many, high, low in ((WINDOW, windows.high, windows.low), (SPAN, windows.span_high, windows.span_low)):
        starts = range(max(0, bars - many + 1))
        np.testing.assert_array_equal(high, [candles.high[i : i + many].max() for i in starts])
        np.testing.assert_array_equal(low, [candles.low[i : i + many].min() for i in starts])
    assert (windows.highest, windows.lowest) == (candles.high.max(), candles.low.min())
