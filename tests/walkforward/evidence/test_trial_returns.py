"""The matrix of daily returns: every trial as if it had been backtested by itself."""

import numpy as np
import pytest

from backtest_engine.metrics import day_ends
from config import ExecutionConfig
from core.market import MarketRules
from core.timeframe import DAY_MS
from optimization.executors import MarketSeries
from tests.walkforward.markets import STRATEGY, candles, four_hours
from walkforward.evidence.trial_returns import Account, daily_returns, returns_frame

ACCOUNT = Account(STRATEGY, 1.0, ExecutionConfig(initial_capital=1_000.0), MarketRules())
POINTS = [
    {"ema_fast": fast, "atr_sl_multiplier": stop, "hybrid_tier1_timeout": wait}
    for fast, stop, wait in ((4, 1.0, 3), (5, 2.5, 5), (7, 4.0, 8))
]


@pytest.mark.parametrize("leverage", [1.0, 0.001])
def test_every_column_is_the_backtest_of_its_point_bit_for_bit(leverage: float) -> None:
    series = MarketSeries(candles(days=25))
    account = Account(STRATEGY, 1.0, ExecutionConfig(initial_capital=1_000.0, leverage=max(leverage, 1.0)), MarketRules())
    matrix = daily_returns(series, account, POINTS)
    assert matrix.shape == (25, 3)
    for column, point in zip(matrix.T, POINTS, strict=True):
        days, alone = account.simulation(series, point).run().daily_returns()
        assert column.tobytes() == alone.tobytes()
        assert days.tolist() == day_ends(series.candles.open_ms)[0].tolist()
    assert len({column.tobytes() for column in matrix.T}) == 3, "three points that differ"


def test_orders_that_fill_on_finer_candles_and_days_cut_in_two_are_no_exception() -> None:
    fine = candles(days=12)
    series = MarketSeries(four_hours(fine)[1:-2], detail=fine[4:-8])
    account = Account(
        STRATEGY.replace(ema_slow=8, atr_period=3), 1.0, ExecutionConfig(initial_capital=1_000.0, detail_timeframe="1h"), MarketRules()
    )
    points = [{"ema_fast": 3}, {"ema_fast": 5}]
    matrix = daily_returns(series, account, points)
    for column, point in zip(matrix.T, points, strict=True):
        assert column.tobytes() == account.simulation(series, point).run().daily_returns()[1].tobytes()


def test_a_ruined_account_earns_nothing_after_its_ruin() -> None:
    series = MarketSeries(candles(days=25))
    account = Account(STRATEGY, 900.0, ExecutionConfig(initial_capital=100.0, leverage=1000.0), MarketRules())
    matrix = daily_returns(series, account, POINTS)
    assert (matrix == -1.0).any(), "one of them is ruined"
    for column, point in zip(matrix.T, POINTS, strict=True):
        assert column.tobytes() == account.simulation(series, point).run().daily_returns()[1].tobytes()


def test_a_point_that_cannot_be_run_has_no_returns_and_spoils_no_other() -> None:
    series = MarketSeries(candles(days=12))
    broken = [{"ema_fast": 5, "ema_slow": 12}, {"ema_fast": 12, "ema_slow": 5}]
    matrix = daily_returns(series, ACCOUNT, broken)
    assert np.isnan(matrix[:, 1]).all()
    assert np.isfinite(matrix[:, 0]).all()


def test_without_a_parameter_there_is_the_base_alone() -> None:
    series = MarketSeries(candles(days=12))
    matrix = daily_returns(series, ACCOUNT, [{}])
    assert matrix[:, 0].tobytes() == ACCOUNT.simulation(series, {}).run().daily_returns()[1].tobytes()


def test_threads_change_no_bit() -> None:
    series = MarketSeries(candles(days=25))
    one, two = (daily_returns(series, ACCOUNT, POINTS * 10, threads=threads) for threads in (1, 2))
    assert one.tobytes() == two.tobytes()


def test_the_frame_names_days_and_trials() -> None:
    days = np.arange(3, dtype=np.int64) * DAY_MS
    frame = returns_frame(days, ["7.1/0", "7.2/5"], np.arange(6, dtype=np.float64).reshape(3, 2))
    assert frame.columns == ["date", "7.1/0", "7.2/5"]
    assert frame["7.2/5"].to_list() == [1.0, 3.0, 5.0]
