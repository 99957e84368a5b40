"""Regimes: known before the bar they name, and every bar, trade and cent belongs to exactly one."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from tests.walkforward.markets import HOUR, START, candles, poisoned
from walkforward.regimes import UNKNOWN, RegimeResult, lookback, regime_results, regimes_of

SHORT = 240
UP, SIDEWAYS, DOWN = 0, 2, 4
CALM, VOLATILE = 0, 1


def of_returns(returns: NDArray[np.float64]) -> Candles:
    close = 100 * np.exp(np.cumsum(returns))
    times = START + np.arange(len(close), dtype=np.int64) * HOUR
    columns = {"timestamp": times, "open": close, "high": close, "low": close, "close": close, "volume": np.ones(len(close))}
    return Candles.from_arrays(Market("TEST", "MADE", TIMEFRAMES["1h"]), columns)


def account(market: Candles, first: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(seed)
    times = market.open_ms[first:]
    equity = pl.DataFrame({"time": times, "equity": 1000 + np.cumsum(rng.normal(0, 1, len(times)))})
    entries = rng.choice(times, 40, replace=False) + rng.integers(0, HOUR, 40)
    return equity, pl.DataFrame({"entry_time": np.sort(entries)})


def test_ten_days_of_hours_but_never_fewer_than_twenty_bars() -> None:
    assert lookback(TIMEFRAMES["1h"].periods_per_year) == SHORT
    assert lookback(TIMEFRAMES["1d"].periods_per_year) == 20


@pytest.mark.parametrize("first", [1_201, 1_300, 1_900])
def test_nothing_later_than_the_close_before_a_bar_tells_its_regime(first: int) -> None:
    clean = candles(80)
    kept = regimes_of(poisoned(clean, first))[: first + 1]
    assert kept.tolist() == regimes_of(clean)[: first + 1].tolist()
    assert regimes_of(clean[: first + 1]).tolist() == kept.tolist()


def test_the_close_of_a_bar_tells_the_regime_of_the_next_one() -> None:
    calm = np.tile([0.001, -0.001], 800)
    jump = calm.copy()
    jump[1_400] = 0.2
    before, after = regimes_of(of_returns(calm)), regimes_of(of_returns(jump))
    assert after[1_400] == before[1_400] == SIDEWAYS + CALM
    assert after[1_401] == UP + VOLATILE


def test_trends_and_volatility_by_construction() -> None:
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 0.01, 4_000)
    noise[2_000:] *= 2
    for drift, trend in ((0.005, UP), (-0.005, DOWN)):
        codes = regimes_of(of_returns(noise + drift))
        assert set(codes[1_300:]) <= {trend + CALM, trend + VOLATILE}
        # twice the noise is news for the ten days after it began, and nothing new fifty days later
        assert set(codes[2_200:2_240]) == {trend + VOLATILE}
    flat = regimes_of(of_returns(np.zeros(2_000)))
    assert set(flat[5 * SHORT + 1 :]) == {SIDEWAYS + CALM}


def test_a_random_walk_is_in_each_trend_about_a_third_of_the_time() -> None:
    codes = regimes_of(of_returns(np.random.default_rng(7).normal(0, 0.01, 200_000)))
    known = codes[codes != UNKNOWN] // 2
    shares = np.bincount(known, minlength=3) / len(known)
    assert shares == pytest.approx([0.309, 0.383, 0.309], abs=0.04)


def test_too_few_closes_tell_no_regime() -> None:
    codes = regimes_of(candles(80))
    assert (codes[: 5 * SHORT + 1] == UNKNOWN).all()
    assert (codes[5 * SHORT + 1 :] != UNKNOWN).all()
    assert (regimes_of(candles(50)) == UNKNOWN).all()
    assert regimes_of(candles(80)[: 5 * SHORT + 2]).tolist() == codes[: 5 * SHORT + 2].tolist()


@given(first=st.integers(0, 1_800), seed=st.integers(0, 20))
def test_regimes_add_up_to_the_whole(first: int, seed: int) -> None:
    market = candles(80)
    equity, trades = account(market, first, seed)
    results = regime_results(market, equity, trades, 1000.0)
    assert sum(each.bars for each in results) == len(equity)
    assert sum(each.share for each in results) == pytest.approx(1.0)
    assert sum(each.trades for each in results) == len(trades)
    assert sum(each.net_pnl for each in results) == pytest.approx(equity["equity"][-1] - 1000.0)
    assert [each.trend for each in results[:6]] == ["up", "up", "sideways", "sideways", "down", "down"]
    assert (len(results) == 7) == (first < 5 * SHORT + 1)


def test_figures_of_one_regime_by_hand() -> None:
    market = of_returns(np.zeros(1_300))
    values = np.array([1000.0, 1010.0, 1005.0, 1005.0])
    equity = pl.DataFrame({"time": market.open_ms[-4:], "equity": values})
    trades = pl.DataFrame({"entry_time": market.open_ms[-3:-2] + 1})
    found = regime_results(market, equity, trades, 1000.0)
    returns = np.array([0.0, 0.01, -5 / 1010, 0.0])
    sharpe = found[2].sharpe_ratio
    assert found[2] == RegimeResult("sideways", "calm", 4, 1.0, 1, 5.0, sharpe)
    assert sharpe == pytest.approx(returns.mean() / returns.std(ddof=1) * math.sqrt(8766))
    saved = regime_results(market, equity, trades, 1000.0, risk_free_rate=0.4)[2]
    assert saved.sharpe_ratio == pytest.approx((returns.mean() - 0.4 / 8766) / returns.std(ddof=1) * math.sqrt(8766))
    assert saved.net_pnl == 5.0
    assert all((each.bars, each.trades, each.net_pnl) == (0, 0, 0.0) and math.isnan(each.sharpe_ratio) for each in (*found[:2], *found[3:]))


def test_an_account_that_never_moves_has_no_sharpe_ratio() -> None:
    market = of_returns(np.zeros(1_300))
    equity = pl.DataFrame({"time": market.open_ms[-4:], "equity": np.full(4, 1000.0)})
    trades = pl.DataFrame({"entry_time": market.open_ms[:0]})
    assert math.isnan(regime_results(market, equity, trades, 1000.0)[2].sharpe_ratio)


def test_a_lost_account_has_amounts_alone() -> None:
    market = of_returns(np.zeros(1_300))
    equity = pl.DataFrame({"time": market.open_ms[-4:], "equity": [1000.0, -50.0, 20.0, 900.0]})
    found = regime_results(market, equity, pl.DataFrame({"entry_time": market.open_ms[:0]}), 1000.0)[2]
    assert found.net_pnl == -100.0
    assert math.isnan(found.sharpe_ratio)
