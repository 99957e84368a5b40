"""Every metric against numbers worked out in the test, one formula a line; what is undefined is nan, never 0 or infinite."""

import math
from math import isnan, sqrt

import numpy as np
import pytest

from backtest_engine import BacktestEngine, Metrics
from backtest_engine.metrics import curve_metrics, drawdowns, period_returns
from config import ExecutionConfig
from tests.backtest_engine.markets import BUSY, flat, random_walk

HOURS_PER_YEAR = 365.25 * 24
OF_EQUITY = ("sharpe_ratio", "sortino_ratio", "calmar_ratio", "cagr", "volatility", "max_drawdown", "max_drawdown_quote")


def curve(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


# 100 -> 110 -> 99 -> 108.9: returns +10 %, -10 %, +10 %
WAVE = curve(100.0, 110.0, 99.0, 108.9)
MEAN = 0.1 / 3
DEVIATION = sqrt(((0.1 - MEAN) ** 2 * 2 + (-0.1 - MEAN) ** 2) / 2)


def test_returns_are_those_of_each_bar() -> None:
    np.testing.assert_allclose(period_returns(WAVE), [0.1, -0.1, 0.1], rtol=1e-12)
    np.testing.assert_allclose(period_returns(curve(100.0, 0.0, 0.0)), [-1.0, 0.0])


def test_sharpe_is_the_mean_over_the_deviation_annualized() -> None:
    assert curve_metrics(WAVE, 4.0).sharpe_ratio == pytest.approx(MEAN / DEVIATION * 2)
    assert curve_metrics(WAVE, HOURS_PER_YEAR).sharpe_ratio == pytest.approx(MEAN / DEVIATION * sqrt(8766))


def test_sharpe_and_sortino_count_from_the_risk_free_rate() -> None:
    found = curve_metrics(WAVE, 4.0, risk_free_rate=0.08)  # 2 % a period
    assert found.sharpe_ratio == pytest.approx((MEAN - 0.02) / DEVIATION * 2)
    assert found.sortino_ratio == pytest.approx((MEAN - 0.02) / sqrt(0.12**2 / 3) * 2)


def test_sortino_knows_bad_returns_only() -> None:
    # root mean square over all three returns, of which one is below 0
    assert curve_metrics(WAVE, 4.0).sortino_ratio == pytest.approx(MEAN / sqrt(0.1**2 / 3) * 2)


def test_volatility_is_the_annualized_deviation_in_percent() -> None:
    assert curve_metrics(WAVE, 4.0).volatility == pytest.approx(DEVIATION * 2 * 100)


def test_drawdown_is_measured_from_the_highest_equity_so_far() -> None:
    np.testing.assert_allclose(drawdowns(curve(100.0, 120.0, 90.0, 130.0, 104.0)), [0.0, 0.0, -25.0, 0.0, -20.0])
    found = curve_metrics(curve(100.0, 120.0, 90.0, 400.0, 310.0), 4.0)
    assert found.max_drawdown == pytest.approx(-25.0)  # 90 after 120
    assert found.max_drawdown_quote == pytest.approx(-90.0)  # 310 after 400: more money, a smaller share


def test_cagr_compounds_over_the_periods_between_the_bars() -> None:
    # a year of four periods has five values; a quarter of it compounds to the fourth power
    assert curve_metrics(curve(100.0, 100.0, 100.0, 100.0, 121.0), 4.0).cagr == pytest.approx(21.0)
    assert curve_metrics(curve(100.0, 110.0), 4.0).cagr == pytest.approx((1.1**4 - 1) * 100)
    assert curve_metrics(curve(100.0, 90.0), 4.0).cagr == pytest.approx((0.9**4 - 1) * 100)


def test_calmar_is_cagr_over_the_largest_drawdown() -> None:
    found = curve_metrics(curve(100.0, 120.0, 90.0, 120.0, 121.0), 4.0)
    assert found.calmar_ratio == pytest.approx(21.0 / 25.0)


def test_a_lost_account_has_lost_everything() -> None:
    found = curve_metrics(curve(100.0, 50.0, 0.0, 0.0), 4.0)
    assert (found.cagr, found.max_drawdown, found.max_drawdown_quote) == (-100.0, -100.0, -100.0)
    assert found.sharpe_ratio < 0


@pytest.mark.parametrize(
    ("equity", "undefined"),
    [
        ((100.0,), {"sharpe_ratio", "sortino_ratio", "calmar_ratio", "cagr", "volatility"}),
        # one return has no deviation, and no drawdown to be measured against
        ((100.0, 110.0), {"sharpe_ratio", "sortino_ratio", "calmar_ratio", "volatility"}),
        ((100.0, 100.0, 100.0), {"sharpe_ratio", "sortino_ratio", "calmar_ratio"}),
        ((100.0, 200.0, 400.0), {"sharpe_ratio", "sortino_ratio", "calmar_ratio"}),
        ((100.0, 110.0, 122.0), {"sortino_ratio", "calmar_ratio"}),
        ((100.0, 110.0, 99.0), set()),
    ],
)
def test_what_is_undefined_is_nan_and_nothing_is_infinite(equity: tuple[float, ...], undefined: set[str]) -> None:
    found = curve_metrics(curve(*equity), 4.0)
    values = {name: getattr(found, name) for name in OF_EQUITY}
    assert {name for name, value in values.items() if isnan(value)} == undefined
    assert not any(math.isinf(value) for value in values.values())


def test_growth_beyond_every_number_is_undefined_and_no_error() -> None:
    assert isnan(curve_metrics(curve(1.0, 1e9), 525_960.0).cagr)


def of_trades(net: np.ndarray[tuple[int], np.dtype[np.float64]], held: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Metrics:
    return curve_metrics(curve(100.0), 4.0, net_pnl=net, bars_held=held)


NET = curve(10.0, -5.0, 0.0, 20.0, 30.0, -1.0, -2.0, -4.0, 6.0)
HELD = np.array([1, 2, 3, 4, 5, 6, 7, 8, 0], dtype=np.int64)


def test_trades_by_hand() -> None:
    found = of_trades(NET, HELD)
    assert (found.total_trades, found.winning_trades, found.losing_trades) == (9, 4, 4)
    assert found.win_rate == pytest.approx(100 * 4 / 9)
    assert found.profit_factor == pytest.approx(66 / 12)
    assert found.expectancy == pytest.approx(54 / 9)
    assert (found.average_win, found.average_loss) == (66 / 4, -12 / 4)
    assert (found.max_consecutive_wins, found.max_consecutive_losses) == (2, 3)
    assert found.average_bars_held == 4.0


@pytest.mark.parametrize(
    ("net", "wins", "losses"),
    [((), 0, 0), ((1.0,), 1, 0), ((-1.0,), 0, 1), ((0.0,), 0, 0), ((1.0, 2.0, -1.0, 1.0), 2, 1), ((-1.0, 0.0, -1.0), 0, 1)],
)
def test_a_trade_that_neither_wins_nor_loses_ends_a_streak(net: tuple[float, ...], wins: int, losses: int) -> None:
    found = of_trades(curve(*net), np.zeros(len(net), np.int64))
    assert (found.max_consecutive_wins, found.max_consecutive_losses) == (wins, losses)


def test_figures_of_no_trades_are_undefined() -> None:
    found = of_trades(curve(), np.zeros(0, np.int64))
    assert (found.total_trades, found.winning_trades, found.losing_trades) == (0, 0, 0)
    for name in ("win_rate", "profit_factor", "expectancy", "average_win", "average_loss", "average_bars_held"):
        assert isnan(getattr(found, name)), name


def test_without_a_loser_or_a_winner_the_figures_that_need_one_are_undefined() -> None:
    winners = of_trades(curve(3.0, 5.0), np.ones(2, np.int64))
    assert (winners.win_rate, winners.average_win) == (100.0, 4.0)
    assert isnan(winners.profit_factor)
    assert isnan(winners.average_loss)
    losers = of_trades(curve(-3.0, -5.0), np.ones(2, np.int64))
    assert (losers.win_rate, losers.profit_factor, losers.average_loss) == (0.0, 0.0, -4.0)
    assert isnan(losers.average_win)


def test_metrics_of_a_run_are_sums_over_its_tables() -> None:
    capital = 10_000.0
    result = BacktestEngine(random_walk(1000, seed=5), BUSY, 3.0, execution=ExecutionConfig(initial_capital=capital)).run()
    metrics, trades, equity = result.metrics, result.trades, result.equity["equity"].to_numpy()
    assert metrics.total_trades > 20
    for name in ("gross_pnl", "fees", "slippage_cost", "funding"):
        assert getattr(metrics, name) == pytest.approx(trades[name].sum())
    assert metrics.final_equity == equity[-1]
    assert metrics.net_pnl == equity[-1] - capital
    assert metrics.net_pnl == pytest.approx(trades["net_pnl"].sum())
    assert metrics.return_pct == pytest.approx(100 * metrics.net_pnl / capital)
    assert metrics.recovery_factor == pytest.approx(metrics.net_pnl / -metrics.max_drawdown_quote)
    assert metrics.sharpe_ratio == curve_metrics(equity, HOURS_PER_YEAR).sharpe_ratio
    assert metrics.max_drawdown == result.equity["drawdown_pct"].min()
    assert metrics.average_bars_held == trades["bars_held"].mean()


def test_exposure_is_the_share_of_bars_with_a_position_at_the_close() -> None:
    result = BacktestEngine(random_walk(1000, seed=5), BUSY, 3.0).run()
    # a position is there at the close of its entry bar, and gone at that of its exit, but for the end of the data
    at_the_end = result.trades["exit_reason"][-1] == "end_of_data"
    assert result.metrics.exposure == pytest.approx(100 * (result.trades["bars_held"].sum() + at_the_end) / 1000)


@pytest.mark.parametrize(
    ("timeframe", "bars"), [("1m", 525_960), ("5m", 105_192), ("15m", 35_064), ("1h", 8_766), ("4h", 2_191.5), ("1d", 365.25)]
)
def test_a_year_has_365_and_a_quarter_days_whatever_the_timeframe(timeframe: str, bars: float) -> None:
    result = BacktestEngine(random_walk(600, timeframe=timeframe), BUSY, 1.0).run()
    assert result.periods_per_year == bars
    returns = period_returns(result.equity["equity"].to_numpy())
    assert result.metrics.sharpe_ratio == pytest.approx(returns.mean() / returns.std(ddof=1) * sqrt(bars))
    assert result.metrics.volatility == pytest.approx(returns.std(ddof=1) * sqrt(bars) * 100)


def test_a_run_without_a_trade_has_undefined_ratios_and_no_zero_in_their_place() -> None:
    metrics = BacktestEngine(flat([100.0] * 50)).run().metrics
    undefined = {name for name, value in metrics.as_dict().items() if isinstance(value, float) and isnan(value)}
    assert undefined == {
        "win_rate", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "profit_factor", "recovery_factor", "expectancy", "average_win",
        "average_loss", "average_bars_held",
    }  # fmt: skip
    assert (metrics.net_pnl, metrics.cagr, metrics.volatility, metrics.max_drawdown, metrics.exposure) == (0.0, 0.0, 0.0, 0.0, 0.0)


def test_metrics_are_listed_in_the_order_of_display() -> None:
    metrics = BacktestEngine(flat([100.0] * 3)).run().metrics
    assert tuple(metrics.as_dict()) == Metrics.names()
    assert Metrics.names()[0] == "total_trades"


def test_every_metric_is_an_attribute_of_the_result_but_the_counts_of_entries() -> None:
    result = BacktestEngine(random_walk(300), BUSY, 1.0).run()
    for name in Metrics.names():
        if not name.endswith("_entries"):
            assert str(getattr(result, name)) == str(getattr(result.metrics, name)), name
    assert len(result.missed_entries) == result.metrics.missed_entries
    with pytest.raises(AttributeError, match="a backtest result has no 'sharp_ratio'"):
        _ = result.sharp_ratio
