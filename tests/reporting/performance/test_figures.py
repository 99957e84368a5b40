"""Figures of an account against closed forms."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from core.errors import CorruptFileError
from reporting.performance import PERFORMANCE_METRICS, Account, benchmark, daily, performance_of
from reporting.performance.compute import HOLDING_LOST, LOST
from reporting.performance.trades import payoff_ratio, system_quality
from tests.reporting.performance.accounts import DAY, HOUR, START, account, grown, trades

NAMES = [info.metric for info in PERFORMANCE_METRICS]


def test_every_figure_of_the_table_is_there_and_no_other() -> None:
    found = performance_of(account([100.0, 101.0, 99.0, 103.0, 102.0]))
    assert list(found.figures) == NAMES
    assert found.reason is None


def test_an_account_that_nothing_happened_to_has_no_ratio_and_no_infinity() -> None:
    found = performance_of(account(np.full(40, 100.0), np.full(40, 100.0), trades([])))
    defined = {name for name, value in found.figures.items() if not math.isnan(value)}
    assert defined == {
        "value_at_risk", "expected_shortfall", "best_day", "worst_day", "positive_days", "best_month", "worst_month", "positive_months",
        "ulcer_index", "time_under_water", "benchmark_return", "excess_return", "turnover", "trades_per_month",
    }  # fmt: skip
    assert all(found.figures[name] == 0.0 for name in defined)
    assert found.drawdowns == []
    assert found.splits["hour"] == []


def test_a_lost_account_has_figures_of_its_trades_alone_and_says_why() -> None:
    found = performance_of(account([100.0, 50.0, -1.0, 20.0]))
    assert found.reason == LOST
    assert (found.months, found.drawdowns) == ((), ())
    assert math.isnan(found.figures["omega_ratio"])
    assert math.isnan(found.figures["alpha"])
    assert math.isnan(found.figures["turnover"]), "there is no average equity to speak of"
    assert found.figures["payoff_ratio"] == 2.0


def test_holding_that_would_have_lost_everything_is_nothing_to_compare_with() -> None:
    found = performance_of(account([100.0, 101.0, 99.0], [100.0, 20.0, -5.0]))
    assert found.reason == HOLDING_LOST
    assert math.isnan(found.figures["benchmark_return"])
    assert not math.isnan(found.figures["value_at_risk"])


def test_shape_of_returns_is_that_of_its_moments() -> None:
    values = np.array([-1.0, 0.0, 0.0, 0.0, 6.0])
    assert daily.skewness(values) == pytest.approx(22.8 / 6.4**1.5)
    assert daily.kurtosis(values) == pytest.approx(float(((values - 1) ** 4).mean()) / 6.4**2)
    assert daily.kurtosis(np.array([-1.0, 1.0])) == pytest.approx(1.0)


def test_a_copy_of_holding_has_beta_one_and_nothing_else() -> None:
    held = np.array([0.01, -0.02, 0.03, 0.0])
    assert benchmark.beta(held, held) == pytest.approx(1.0)
    assert benchmark.alpha(held, held, 365.25) == pytest.approx(0.0, abs=1e-12)
    assert benchmark.correlation(held, held) == pytest.approx(1.0)
    assert math.isnan(benchmark.information_ratio(held, held, 365.25))
    assert benchmark.beta(-2 * held, held) == pytest.approx(-2.0)
    assert benchmark.correlation(-2 * held, held) == pytest.approx(-1.0)


def test_even_growth_is_perfectly_steady() -> None:
    assert daily.growth_steadiness(np.full(50, 0.01)) == pytest.approx(1.0)
    assert math.isnan(daily.growth_steadiness(np.zeros(50)))


def test_trades_are_summed_up_as_defined() -> None:
    net = np.array([10.0, -5.0, 20.0, -10.0])
    assert payoff_ratio(net) == 2.0
    assert system_quality(net) == pytest.approx(2 * net.mean() / net.std(ddof=1))
    assert math.isnan(system_quality(np.full(9, 0.1)))
    assert math.isnan(payoff_ratio(np.array([1.0])))
    figures = performance_of(account([100.0, 101.0, 99.0])).figures
    assert (figures["best_trade"], figures["worst_trade"], figures["long_trades"]) == (20.0, -10.0, 50.0)
    assert (figures["median_bars_held"], figures["longest_bars_held"]) == (2.5, 4.0)
    assert (figures["winners_bars_held"], figures["losers_bars_held"]) == (2.0, 3.0)


def test_turnover_counts_both_sides_by_the_year() -> None:
    one_year = account(np.full(2, 1000.0), step=31_557_600_000)
    assert performance_of(one_year).figures["turnover"] == pytest.approx(4 * 2 * (100 + 110) / 1000)
    assert performance_of(one_year).figures["trades_per_month"] == pytest.approx(4 / 12)


def test_daily_returns_go_from_close_to_close_and_begin_with_the_capital() -> None:
    hourly = account(1000.0 + np.arange(60), step=HOUR)
    assert hourly.daily_returns() == pytest.approx([23 / 1000, 24 / 1023, 12 / 1047])
    daily_ones = account(grown([0.1, -0.1]))
    assert daily_ones.daily_returns() == pytest.approx([0.0, 0.1, -0.1])


def test_risk_free_rate_is_taken_off_by_the_day() -> None:
    returns = np.array([0.01, -0.02, 0.03, 0.005])
    plain = account(grown(returns))
    charged = replace(plain, risk_free_rate=0.365)
    lower, higher = performance_of(charged).figures, performance_of(plain).figures
    assert lower["daily_sharpe_ratio"] == pytest.approx(daily.sharpe_ratio(plain.daily_returns(), 365.25, 0.365 / 365.25))
    assert lower["daily_sharpe_ratio"] < higher["daily_sharpe_ratio"]
    assert lower["omega_ratio"] < higher["omega_ratio"]


CANDLES = pl.DataFrame(
    {
        "timestamp": START + np.arange(5, dtype=np.int64) * DAY,
        "open": [100.0, 110.0, 120.0, 90.0, 95.0],
        "close": [110.0, 120.0, 90.0, 95.0, 105.0],
    }
)


def built(rows: list[int]) -> Account:
    equity = pl.DataFrame({"time": CANDLES["timestamp"].gather(rows), "equity": [1000.0] * len(rows)})
    return Account.of(equity, trades([]), CANDLES, 2.0, 365.25, 0.0)


def test_holding_buys_at_the_first_open_and_earns_on_the_bars_of_the_account_alone() -> None:
    assert built([0, 1, 2, 3, 4]).held.tolist() == [1020.0, 1040.0, 980.0, 990.0, 1010.0]
    assert built([1, 2, 4]).held.tolist() == [1020.0, 960.0, 980.0]
    assert performance_of(built([0, 1, 2, 3, 4])).figures["benchmark_return"] == pytest.approx(1.0)


def test_bars_that_the_candles_do_not_have_are_refused() -> None:
    late = pl.DataFrame({"time": CANDLES["timestamp"] + 1, "equity": [1000.0] * 5})
    with pytest.raises(CorruptFileError, match="not among the candles"):
        Account.of(late, trades([]), CANDLES, 1.0, 365.25, 0.0)
    with pytest.raises(CorruptFileError, match="not among the candles"):
        Account.of(late.with_columns(pl.col("time") + 10 * DAY), trades([]), CANDLES, 1.0, 365.25, 0.0)
