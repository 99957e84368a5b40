"""The oracle's account: size, ruin, and the books that always balance."""

from typing import Any

import pytest

from tests.oracle.hand_cases import FLAT, run
from tests.oracle.protection import Protection, recompute_at_addition
from tests.oracle.settings import Settings

LEVERED: dict[str, Any] = {"initial_capital": 1000.0, "leverage": 10.0, "order_qty": 100.0}


def test_quantity_is_capped_by_leverage_then_rounded_down_to_the_step() -> None:
    assert run([FLAT] * 3, {0: 1}, **{**LEVERED, "leverage": 2.0}).trades[0].qty == 20.0
    assert run([FLAT] * 3, {0: 1}, **{**LEVERED, "leverage": 2.0, "qty_step": 3.0}).trades[0].qty == 18.0
    assert run([FLAT] * 3, {0: 1}, order_qty=0.3, qty_step=0.1).trades[0].qty == pytest.approx(0.3)


def test_a_quantity_below_the_minimum_is_rejected_and_counted() -> None:
    result = run([FLAT] * 3, {0: 1}, order_qty=0.5, min_qty=0.6)
    assert result.trades == []
    assert [(e.kind, e.signal_bar, e.bar, e.wanted_qty, e.filled_qty) for e in result.events] == [("rejected", 0, 1, 0.5, 0.0)]


def test_ruin_closes_at_the_close_and_writes_the_excess_off() -> None:
    result = run([FLAT, FLAT, (95, 95, 85, 85), FLAT], {0: 1, 2: 1}, slippage=0.01, taker_fee=0.001, **LEVERED)
    trade = result.trades[0]
    # Bought at 101, closed at 84.15: 1,685 lost of 1,000, the rest is written off in the net alone.
    assert trade.exit_reason == "ruin"
    assert trade.exit_price == pytest.approx(84.15)
    assert trade.gross_pnl == pytest.approx(-1685.0)
    assert trade.net_pnl == pytest.approx(-1000.0)
    assert result.equity == pytest.approx([1000.0, 889.9, 0.0, 0.0])
    assert (result.final_cash, result.ruined) == (0.0, True)


def test_ruin_when_flat_is_written_off_in_the_last_trade() -> None:
    result = run([FLAT, FLAT, (80, 101, 80, 101), FLAT], {0: 1, 2: 1}, **{**LEVERED, "atr_sl_multiplier": 1.5})
    assert [(t.exit_reason, t.exit_price, t.net_pnl) for t in result.trades] == [("stop_loss", 80.0, -1000.0)]
    assert (result.equity[2:], result.ruined) == ([0.0, 0.0], True)


def test_ruin_by_the_closing_costs_keeps_the_reason_end_of_data() -> None:
    result = run([FLAT, FLAT, (91, 91, 91, 91)], {0: 1}, slippage=0.01, **{**LEVERED, "order_qty": 99.0})
    # 1000 - 99 * 10 = 10 are left at the close; selling 99 one percent lower costs 90.
    assert [t.exit_reason for t in result.trades] == ["end_of_data"]
    assert result.trades[0].net_pnl == pytest.approx(-1000.0)
    assert (result.equity[-1], result.final_cash, result.ruined) == (0.0, 0.0, True)


def test_the_last_equity_is_the_cash_after_closing() -> None:
    result = run([FLAT] * 3, {0: 1}, taker_fee=0.001)
    assert result.equity == pytest.approx([100_000, 99_999.9, 99_999.8])
    assert result.final_cash == result.equity[-1]


def test_an_addition_that_meets_the_trail_leaves_the_reason_to_the_earlier_rule() -> None:
    settings = Settings(atr_sl_multiplier=1.0)
    levels = Protection(
        1, 2.0, 1.0, base=99.0, take_profit=105.0, stop=99.0, stop_reason="stop_loss", trail=98.0, trail_reason="trailing_stop"
    )
    recompute_at_addition(levels, 100.0, settings)
    # The base falls to 98, where the trail has been for longer.
    assert (levels.stop, levels.stop_reason) == (98.0, "trailing_stop")
