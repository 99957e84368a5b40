"""The oracle's rules of real markets, one function at a time: prices, liquidation, regime, funding, decision bars."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import pytest

from tests.oracle.bars import Bar
from tests.oracle.decision_bars import DecisionBars
from tests.oracle.funding import rate_due
from tests.oracle.hand_cases import FLAT, run
from tests.oracle.prices import BUY, SELL, order_price, slip, taker_price
from tests.oracle.regime import regime_multiplier
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate

HOUR_MS = 3_600_000
TENTH = Settings(price_step=0.1)
WILD = Bar(0, 100.0, 110.0, 90.0, 100.0, 16.0)


def test_a_multiple_of_the_step_is_the_number_as_it_is_written() -> None:
    for k in range(1, 5000):
        written = float(f"{k // 10}.{k % 10}")
        assert order_price(k * 0.1, BUY, TENTH) == order_price(k * 0.1, SELL, TENTH) == written


@pytest.mark.parametrize(("price", "up", "down"), [(100.04, 100.1, 100.0), (100.1, 100.1, 100.1), (0.04, 0.1, 0.0), (-0.04, 0.0, -0.1)])
def test_prices_round_up_for_a_buyer_and_down_for_a_seller(price: float, up: float, down: float) -> None:
    assert (order_price(price, BUY, TENTH), order_price(price, SELL, TENTH)) == (up, down)


def test_a_step_that_is_no_fraction_of_one_is_multiplied() -> None:
    assert order_price(101.0, BUY, Settings(price_step=2.5)) == 102.5
    assert order_price(1.0, SELL, Settings(price_step=0.3)) == pytest.approx(0.9)
    assert order_price(inf, SELL, TENTH) == inf


def test_slip_is_the_sum_of_its_parts_up_to_the_cap() -> None:
    settings = Settings(slippage=0.01, slippage_range_share=0.1, slippage_impact=0.2)
    # Range 20 of 100; 4 of 16 are a quarter, root 1/2.
    assert slip(4.0, WILD, settings) == pytest.approx(0.01 + 0.02 + 0.02)
    assert slip(1e9, WILD, settings) == settings.slippage_cap
    assert slip(4.0, WILD, Settings(slippage=0.01)) == 0.01
    assert slip(4.0, replace(WILD, volume=5e-324), Settings(slippage=0.01)) == 0.01


def test_a_taker_pays_more_and_gets_less() -> None:
    settings = Settings(slippage=0.0104, price_step=0.1)
    assert (taker_price(100.0, BUY, 1.0, WILD, settings), taker_price(100.0, SELL, 1.0, WILD, settings)) == (101.1, 98.9)


def test_a_long_without_leverage_is_liquidated_only_near_zero() -> None:
    prices = [FLAT, FLAT, (100.0, 100.0, 1.0, 100.0), FLAT]
    trade = run(prices, {0: 1}, initial_capital=100.0, maintenance_margin=0.1, atr_sl_multiplier=80.0).trades[0]
    assert trade.exit_reason == "end_of_data"


def test_regime_compares_the_atr_with_its_mean() -> None:
    on = Settings(regime_response=1.0, regime_lookback=4, regime_max_multiplier=3.0)
    assert regime_multiplier([1.0, 1.0, 1.0, 5.0], 3, on) == 2.5
    assert regime_multiplier([nan, 1.0, 1.0, 5.0], 3, on) == 1.0
    assert regime_multiplier([1.0, 1.0, 5.0], 2, on) == 1.0
    assert regime_multiplier([0.0, 0.0, 0.0, 0.0], 3, on) == 1.0
    assert regime_multiplier([1.0, 1.0, 1.0, 5.0], 3, Settings(regime_lookback=4)) == 1.0


def hours(*numbers: int) -> list[Bar]:
    return [Bar(number * HOUR_MS, 100.0, 101.0, 99.0, 100.0, 10.0) for number in numbers]


def test_a_constant_rate_is_due_in_the_bar_that_holds_its_time() -> None:
    settings = Settings(funding_rate=0.01)
    bars = hours(7, 8, 9, 16)
    # 08:00 at the open of the second bar; 16:00 in the last bar, not in the hole before it.
    assert [rate_due(bars, t, (), settings) for t in range(4)] == [0.0, 0.01, 0.0, 0.01]
    assert rate_due(hours(7, 25), 0, (), settings) == pytest.approx(0.03)
    assert rate_due(bars, 1, [(8 * HOUR_MS, 0.5), (9 * HOUR_MS, 0.7)], settings) == 0.5


def test_detail_bars_know_their_place_by_the_clock() -> None:
    settings = Settings(bar_ms=4 * HOUR_MS, detail_bars=4)
    decided = DecisionBars(hours(0, 2, 3, 5, 8), hours(0, 4, 8), settings)
    assert (decided.of, decided.place) == ([0, 0, 0, 1, 2], [0, 2, 3, 1, 0])
    assert [decided.is_first(t) for t in range(5)] == [True, False, False, True, True]
    assert [decided.is_last(t) for t in range(5)] == [False, False, True, True, True]


def test_decision_bars_without_detail_and_detail_without_decision_are_refused() -> None:
    settings = Settings(bar_ms=4 * HOUR_MS, detail_bars=4)
    with pytest.raises(ValueError, match="a decision bar has no detail bar"):
        DecisionBars(hours(0, 1), hours(0, 4), settings)
    with pytest.raises(ValueError, match="has no decision bar"):
        DecisionBars(hours(0, 5), hours(0, 8), settings)
    with pytest.raises(ValueError, match="has no decision bar"):
        DecisionBars(hours(0, 5), hours(1), settings)


def test_a_missing_detail_bar_leaves_its_slice_to_the_next_tier() -> None:
    settings = Settings(
        bar_ms=2 * HOUR_MS, detail_bars=2, order_qty=8.0, hybrid_tier3_timeout=2, participation_rate=1.0, slippage=0.0,
        enable_hybrid_tier1=False, enable_hybrid_tier2=False, atr_sl_multiplier=20.0, trailing_sl_enabled=False,
    )  # fmt: skip
    # Rows 2, 3, 4 of four are there: 8/4, 6/3, 4/2, and what is left at the market in row 6.
    detail = hours(0, 1, 2, 3, 4, 6, 7)
    trade = simulate(hours(0, 2, 4, 6), [1, 0, 0, 0], [100.0] * 4, [2.0] * 4, settings, (), detail).trades[0]
    assert (trade.tier3_qty, trade.tier4_qty, trade.entry_time, trade.bars_held) == (6.0, 2.0, 2 * HOUR_MS, 2)


def test_impact_without_volume_is_refused() -> None:
    with pytest.raises(ValueError, match="slippage_impact needs volume"):
        run([FLAT, FLAT], {}, slippage_impact=0.1, has_volume=False)


def test_risk_without_a_stop_is_refused() -> None:
    with pytest.raises(ValueError, match="a size by risk needs a stop"):
        run([FLAT, FLAT], {0: 1}, sizing="risk", stop_type="none")


def test_liquidation_keeps_to_the_price_step() -> None:
    crash = (95.0, 95.0, 85.0, 90.0)
    fields: dict[str, Any] = {"initial_capital": 1000.0, "leverage": 5.0, "order_qty": 50.0, "maintenance_margin": 0.1, "price_step": 0.5}
    trade = run([FLAT, FLAT, crash, crash], {0: 1}, **fields).trades[0]
    assert (trade.exit_reason, trade.exit_price) == ("liquidation", 88.5)
