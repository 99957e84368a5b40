"""Stitched equity and trades: what every window earned, added up."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine import BacktestEngine
from backtest_engine.metrics import curve_metrics
from config import ExecutionConfig
from tests.walkforward.markets import HOUR, NEVER, STRATEGY, candles
from walkforward.result import OutOfSampleRun
from walkforward.stitching import WindowRun, stitch_equity, stitch_trades, stitched_metrics

CAPITAL = 1000.0
YEAR = 8766.0


def run_with(equity: list[float], first_time: int = 0) -> OutOfSampleRun:
    times = [first_time + bar * HOUR for bar in range(len(equity))]
    template = BacktestEngine(candles(3), NEVER).run()
    frame = pl.DataFrame({"time": times, "equity": equity, "drawdown_pct": [0.0] * len(equity)})
    return OutOfSampleRun({}, template.metrics, frame, template.trades)


def real_runs() -> list[WindowRun]:
    market = candles(40)
    parts = [(480, 720), (720, 960)]
    return [
        (k, OutOfSampleRun.of({}, BacktestEngine(market[:end], STRATEGY, first_bar=start).run())) for k, (start, end) in enumerate(parts)
    ]


def test_equity_by_hand() -> None:
    runs = [(0, run_with([1000.0, 1100.0, 1050.0])), (1, run_with([1000.0, 900.0, 990.0], 3 * HOUR))]
    frame = stitch_equity(runs, CAPITAL)
    assert frame.columns == ["time", "equity", "drawdown_pct", "window"]
    assert frame["time"].to_list() == [bar * HOUR for bar in range(6)]
    assert frame["equity"].to_list() == [1000.0, 1100.0, 1050.0, 1050.0, 950.0, 1040.0]
    assert frame["window"].to_list() == [0, 0, 0, 1, 1, 1]
    assert frame["drawdown_pct"].to_list() == pytest.approx(
        [100 * (e / peak - 1) for e, peak in zip(frame["equity"], [1000.0] + [1100.0] * 5, strict=True)]
    )


def test_ratios_are_those_of_the_stitched_equity() -> None:
    runs = [(0, run_with([1000.0, 1100.0, 1050.0])), (1, run_with([1000.0, 900.0, 990.0], 3 * HOUR))]
    metrics = stitched_metrics(runs, ExecutionConfig(initial_capital=CAPITAL), YEAR)
    returns = np.array([0.1, -50 / 1100, 0.0, -100 / 1050, 90 / 950])  # P&L of the bar over initial capital plus P&L so far
    assert metrics.sharpe_ratio == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(YEAR))
    assert metrics.max_drawdown == pytest.approx(100 * (950 / 1100 - 1))
    assert metrics.net_pnl == pytest.approx(40.0)
    assert metrics.return_pct == pytest.approx(4.0)


@given(st.lists(st.lists(st.floats(-50, 50), min_size=1, max_size=6), min_size=1, max_size=5))
def test_profit_is_the_sum_of_the_windows(profits: list[list[float]]) -> None:
    runs = [(k, run_with([CAPITAL, *(CAPITAL + np.cumsum(steps)).tolist()])) for k, steps in enumerate(profits)]
    total = sum(sum(steps) for steps in profits)
    assert stitch_equity(runs, CAPITAL)["equity"][-1] - CAPITAL == pytest.approx(total, abs=1e-9)


def test_real_windows_add_up_in_every_figure() -> None:
    runs = real_runs()
    execution = ExecutionConfig()
    metrics, trades = stitched_metrics(runs, execution, YEAR), stitch_trades(runs)
    assert metrics.total_trades == sum(run.metrics.total_trades for _, run in runs) == len(trades) > 0
    for name in ("net_pnl", "gross_pnl", "fees", "slippage_cost", "missed_entries"):
        assert getattr(metrics, name) == pytest.approx(sum(getattr(run.metrics, name) for _, run in runs))
    assert metrics.net_pnl == pytest.approx(trades["net_pnl"].sum())
    assert metrics.exposure == pytest.approx(np.mean([run.metrics.exposure for _, run in runs]))
    assert trades["window"].unique().sort().to_list() == [0, 1]


def test_one_window_stitched_is_the_window_itself() -> None:
    runs = real_runs()[:1]
    assert stitched_metrics(runs, ExecutionConfig(), YEAR).as_dict() == pytest.approx(runs[0][1].metrics.as_dict(), nan_ok=True)


def test_windows_without_trades_leave_ratios_undefined() -> None:
    metrics = stitched_metrics(
        [(0, run_with([1000.0, 1000.0])), (1, run_with([1000.0, 1000.0]))], ExecutionConfig(initial_capital=CAPITAL), YEAR
    )
    assert metrics.total_trades == 0
    assert metrics.net_pnl == 0.0
    assert math.isnan(metrics.sharpe_ratio)
    assert math.isnan(metrics.win_rate)


def test_ruin_in_one_window_costs_the_capital_once() -> None:
    lost = run_with([1000.0, 400.0, 0.0])
    lost = replace(lost, metrics=replace(lost.metrics, ruined=True))
    runs = [(0, run_with([1000.0, 1500.0])), (1, lost), (2, run_with([1000.0, 1100.0]))]
    metrics = stitched_metrics(runs, ExecutionConfig(initial_capital=CAPITAL), YEAR)
    assert metrics.ruined
    assert metrics.final_equity == pytest.approx(600.0)
    twice = stitched_metrics([runs[1], runs[1]], ExecutionConfig(initial_capital=CAPITAL), YEAR)
    assert twice.final_equity == pytest.approx(-1000.0)
    assert math.isfinite(curve_metrics(stitch_equity([runs[1], runs[1]], CAPITAL)["equity"].to_numpy(), YEAR).sharpe_ratio)


def test_ratios_of_one_ruined_window_are_its_own() -> None:
    only = run_with([1000.0, 400.0, 0.0])
    assert math.isfinite(stitched_metrics([(0, only)], ExecutionConfig(initial_capital=CAPITAL), YEAR).sharpe_ratio)


def test_an_account_lost_over_several_windows_has_no_ratios() -> None:
    runs = [
        (0, run_with([1000.0, 300.0])),
        (1, run_with([1000.0, 1900.0])),
        (2, run_with([1000.0, 100.0, 80.0])),
        (3, run_with([1000.0, 500.0])),
    ]
    kept = stitched_metrics(runs[:3], ExecutionConfig(initial_capital=CAPITAL), YEAR)
    assert not kept.ruined
    assert math.isfinite(kept.sharpe_ratio)
    lost = stitched_metrics(runs, ExecutionConfig(initial_capital=CAPITAL), YEAR)
    assert lost.ruined
    assert [lost.final_equity, lost.net_pnl] == pytest.approx([-220.0, -1220.0])
    for name in ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "cagr", "volatility"):
        assert math.isnan(getattr(lost, name)), name
