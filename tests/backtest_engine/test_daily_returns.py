"""Daily returns run from midnight to midnight in UTC, whatever the timeframe, and over holes."""

import numpy as np
import pytest

from backtest_engine import BacktestEngine, BacktestResult
from config import ExecutionConfig
from core.candles import Candles
from core.market import Market
from core.timeframe import DAY_MS, Timeframe
from tests.backtest_engine.markets import BUSY, START_MS, random_walk


def run(candles: Candles, capital: float = 1000.0) -> BacktestResult:
    return BacktestEngine(candles, BUSY, 1.0, execution=ExecutionConfig(initial_capital=capital)).run()


def starting_at(candles: Candles, shift_ms: int, without: slice = slice(0, 0)) -> Candles:
    """Return the candles moved in time, and without some bars."""
    columns = {name: getattr(candles, name) for name in ("open", "high", "low", "close", "volume")}
    columns["timestamp"] = candles.open_ms + shift_ms
    return Candles.from_arrays(candles.market, {name: np.delete(values, without) for name, values in columns.items()})


def expected(result: BacktestResult, capital: float) -> dict[int, float]:
    """Return day -> return, by walking over the bars."""
    closes: dict[int, float] = {}
    for time, equity in result.equity.select("time", "equity").iter_rows():
        closes[time - time % DAY_MS] = equity
    returns, before = {}, capital
    for day, close in closes.items():
        returns[day] = close / before - 1.0 if before > 0 else 0.0
        before = close
    return returns


@pytest.mark.parametrize("timeframe", ["5m", "1h", "4h", "1d"])
def test_a_day_s_return_is_from_the_close_before_midnight_to_its_own_last_close(timeframe: str) -> None:
    result = run(random_walk(1000, timeframe=timeframe))
    days, returns = result.daily_returns()
    assert dict(zip(days.tolist(), returns.tolist(), strict=True)) == expected(result, 1000.0)
    assert np.prod(1.0 + returns) == pytest.approx(result.metrics.final_equity / 1000.0)


def test_data_that_starts_and_ends_inside_a_day_has_short_days_there() -> None:
    # 17:00 on the first of January to 13:00 on the third
    candles = starting_at(random_walk(45), 17 * 3_600_000)
    days, returns = run(candles).daily_returns()
    assert days.tolist() == [START_MS, START_MS + DAY_MS, START_MS + 2 * DAY_MS]
    assert len(returns) == 3


def test_days_without_bars_are_left_out_and_their_move_falls_to_the_next() -> None:
    candles = starting_at(random_walk(24 * 8), 0, without=slice(24 * 3 - 5, 24 * 6 + 2))
    result = run(candles)
    days, returns = result.daily_returns()
    assert ((days - START_MS) // DAY_MS).tolist() == [0, 1, 2, 6, 7]
    assert dict(zip(days.tolist(), returns.tolist(), strict=True)) == expected(result, 1000.0)


def test_weekly_bars_give_one_return_a_bar() -> None:
    week = Timeframe.parse("1w")
    walk = random_walk(60)
    times = week.floor(START_MS) + week.ms * np.arange(60)
    columns = {name: getattr(walk, name) for name in ("open", "high", "low", "close", "volume")} | {"timestamp": times}
    days, returns = run(Candles.from_arrays(Market("LOCAL", "W", week), columns)).daily_returns()
    assert len(days) == len(returns) == 60


def test_returns_after_ruin_are_zero() -> None:
    walk = random_walk(600, volatility=0.03)
    result = BacktestEngine(
        walk, BUSY.replace(atr_sl_multiplier=60.0), 1000.0, execution=ExecutionConfig(initial_capital=1000.0, leverage=50)
    ).run()
    assert result.ruined
    _, returns = result.daily_returns()
    gone = int(np.argmax(returns == -1.0))
    assert returns[gone] == -1.0
    assert not returns[gone + 1 :].any()
    assert gone + 1 < len(returns)
