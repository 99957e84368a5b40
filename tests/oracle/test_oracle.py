"""The oracle's simulator: entries, exits, signals, silence. Numbers are worked out by hand; prices are open, high, low, close."""

from typing import Any

import pytest

from tests.oracle.bars import Bar
from tests.oracle.hand_cases import FLAT, run
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate

TOUCH: dict[str, Any] = {"enable_hybrid_tier1": True, "enable_hybrid_tier4": False, "ema_touch_tolerance": 0.01, "slippage": 0.001}
LIMIT: dict[str, Any] = {"enable_hybrid_tier2": True, "enable_hybrid_tier4": False, "limit_offset_atr": 0.5, "slippage": 0.001}
SLICES: dict[str, Any] = {"enable_hybrid_tier3": True, "enable_hybrid_tier4": False, "order_qty": 3.0, "hybrid_tier3_timeout": 3}
FIXED: dict[str, Any] = {"atr_sl_multiplier": 1.5, "atr_tp_multiplier": 2.0}


def test_data_without_bars_is_refused() -> None:
    with pytest.raises(ValueError, match="without bars"):
        simulate([], [], [], [], Settings())


def test_one_bar_gives_the_initial_capital_and_no_trade() -> None:
    result = run([FLAT], {0: 1})
    assert (result.trades, result.events, result.equity, result.ruined) == ([], [], [100_000.0], False)


def test_market_entry_pays_slip_and_fees_on_both_sides() -> None:
    result = run([FLAT, (100, 110, 100, 110), (110, 110, 110, 110)], {0: 1}, slippage=0.01, taker_fee=0.001)
    trade = result.trades[0]
    # Bought at 101, sold at 108.9; fees 0.101 + 0.1089; slip 1 + 1.1.
    assert (trade.entry_time, trade.exit_time, trade.bars_held, trade.exit_reason) == (1, 2, 1, "end_of_data")
    assert trade.avg_entry == pytest.approx(101.0)
    assert trade.exit_price == pytest.approx(108.9)
    assert trade.gross_pnl == pytest.approx(7.9)
    assert trade.fees == pytest.approx(0.2099)
    assert trade.slippage_cost == pytest.approx(2.1)
    assert trade.net_pnl == pytest.approx(7.6901)
    assert trade.return_pct == pytest.approx(100 * 7.6901 / 101)
    assert result.equity == pytest.approx([100_000, 100_000 - 0.101 + 9, 100_007.6901])


def test_touch_at_the_open_is_a_takers_intrabar_from_above_a_makers() -> None:
    inside = run([FLAT, FLAT, FLAT], {0: 1}, **TOUCH).trades[0]
    assert inside.entry_tier == 1
    assert inside.avg_entry == pytest.approx(100.1)
    from_above = run([FLAT, (103, 103, 100.9, 102), FLAT], {0: 1}, **TOUCH).trades[0]
    assert from_above.avg_entry == pytest.approx(101.0)
    from_below = run([FLAT, (97, 99, 96, 98), FLAT], {0: 1}, **TOUCH).trades[0]
    assert from_below.avg_entry == pytest.approx(99.099)


def test_limit_needs_price_to_trade_through_it() -> None:
    assert run([FLAT, (100, 100, 99, 100), FLAT], {0: 1}, **LIMIT).trades == []
    assert run([FLAT, (100, 100, 98.9, 100), FLAT], {0: 1}, **LIMIT).trades[0].avg_entry == 99.0
    assert run([FLAT, (98, 98, 98, 98), FLAT], {0: 1}, **LIMIT).trades[0].avg_entry == pytest.approx(98.098)


def test_slices_share_the_order_over_the_bars_of_the_tier() -> None:
    trade = run([FLAT, (99, 99, 99, 99), FLAT, (101, 101, 101, 101), FLAT], {0: 1}, **SLICES).trades[0]
    assert (trade.qty, trade.tier3_qty, trade.entry_tier) == (3.0, 3.0, 3)
    assert trade.avg_entry == pytest.approx(100.0)


def test_slices_are_capped_and_the_rest_is_a_partial_entry() -> None:
    result = run([FLAT] * 5, {0: 1}, [5.0] * 5, participation_rate=0.1, **SLICES)
    assert result.trades[0].qty == pytest.approx(1.5)
    event = result.events[0]
    assert (event.kind, event.reason, event.signal_bar, event.bar) == ("partial", "expired", 0, 3)
    assert (event.wanted_qty, event.filled_qty) == pytest.approx((3.0, 1.5))


def test_slices_then_market_add_up_in_one_trade() -> None:
    result = run([FLAT] * 6, {0: 1}, [5.0] * 6, participation_rate=0.1, **{**SLICES, "enable_hybrid_tier4": True})
    trade = result.trades[0]
    assert (trade.tier3_qty, trade.tier4_qty) == pytest.approx((1.5, 1.5))
    assert trade.entry_tier == 3
    assert result.events == []


def test_market_waits_while_price_is_too_far_away() -> None:
    far, near = (102.5, 103, 102, 103), (102, 103, 102, 103)
    trade = run([FLAT, far, near, FLAT], {0: 1}, hybrid_tier4_timeout=2).trades[0]
    assert (trade.entry_time, trade.avg_entry) == (2, 102.0)
    assert run([FLAT, far, near, FLAT], {0: 1}, enable_hybrid_engine=False).trades[0].entry_time == 1


def test_a_gap_through_the_stop_is_left_at_the_open() -> None:
    trade = run([FLAT, FLAT, (95, 96, 94, 96)], {0: 1}, **FIXED).trades[0]
    assert (trade.exit_price, trade.exit_reason) == (95.0, "stop_loss")


def test_the_stop_wins_over_the_target_inside_one_bar() -> None:
    trade = run([FLAT, FLAT, (100, 105, 97, 105)], {0: 1}, **FIXED).trades[0]
    assert (trade.exit_price, trade.exit_reason) == (97.0, "stop_loss")


def test_the_target_is_a_makers_exit_and_never_better() -> None:
    trade = run([FLAT, FLAT, (106, 107, 105, 106)], {0: 1}, slippage=0.01, **FIXED).trades[0]
    # Bought at 101, so the target is 105; slip of the entry only.
    assert (trade.exit_price, trade.exit_reason) == (105.0, "take_profit")
    assert trade.slippage_cost == pytest.approx(1.0)


def test_a_stop_order_is_protected_at_the_close_of_its_bar_only() -> None:
    kept = run([FLAT, (95, 99, 80, 97), (97, 97, 97, 97)], {0: 1}, **{**TOUCH, **FIXED, "slippage": 0.0}).trades[0]
    assert (kept.avg_entry, kept.exit_reason) == (99.0, "end_of_data")
    closed = run([FLAT, (95, 99, 80, 96), (97, 97, 97, 97)], {0: 1}, **{**TOUCH, **FIXED, "slippage": 0.0}).trades[0]
    assert (closed.exit_price, closed.exit_reason, closed.bars_held) == (96.0, "stop_loss", 0)


def test_a_resting_limit_is_protected_on_its_whole_bar() -> None:
    trade = run([FLAT, (100, 100, 96, 100), FLAT], {0: 1}, **LIMIT, **FIXED).trades[0]
    assert (trade.avg_entry, trade.exit_price) == pytest.approx((99.0, 96 * 0.999))
    assert trade.exit_reason == "stop_loss"


def test_an_opposite_signal_closes_and_reverses_at_one_open() -> None:
    trades = run([FLAT, FLAT, (103, 103, 103, 103), FLAT], {0: 1, 1: -1}).trades
    assert [(t.direction, t.entry_time, t.exit_time, t.exit_reason) for t in trades] == [
        (1, 1, 2, "opposite_signal"),
        (-1, 2, 3, "end_of_data"),
    ]
    assert [t.net_pnl for t in trades] == [3.0, 3.0]


def test_trailing_stop_acts_from_the_bar_after_it_was_raised() -> None:
    trade = run([FLAT, (100, 125, 99, 124), (124, 124, 119, 119)], {0: 1}, trailing_sl_enabled=True, trailing_sl_threshold=0.04).trades[0]
    assert (trade.exit_time, trade.exit_reason) == (2, "trailing_stop")
    assert trade.exit_price == pytest.approx(120.0)


def test_trailing_take_profit_locks_in_a_share_of_the_target() -> None:
    changes: dict[str, Any] = {"trailing_tp_enabled": True, "atr_tp_multiplier": 2.0}
    trade = run([FLAT, (100, 104, 99, 103), (103, 103, 101, 101)], {0: 1}, **changes).trades[0]
    assert (trade.exit_price, trade.exit_reason) == (102.0, "trailing_take_profit")


def test_nothing_fills_without_volume_but_time_goes_on() -> None:
    waiting = run([FLAT, FLAT, (101, 101, 101, 101), FLAT], {0: 1}, [9.0, 0.0, 9.0, 9.0]).trades[0]
    assert (waiting.entry_time, waiting.avg_entry) == (2, 101.0)
    late_stop = run([FLAT, FLAT, (90, 90, 90, 90), (92, 92, 92, 92)], {0: 1}, [9.0, 9.0, 0.0, 9.0], **FIXED).trades[0]
    assert (late_stop.exit_time, late_stop.exit_price) == (3, 92.0)
    aged = run([FLAT, FLAT, FLAT, (90, 90, 90, 90)], {0: 1}, [9.0, 9.0, 0.0, 9.0], **{**LIMIT, "hybrid_tier2_timeout": 2})
    assert [(e.kind, e.reason, e.bar) for e in aged.events] == [("missed", "expired", 2)]


def test_excursions_are_bar_extremes_while_held_and_the_exit_price() -> None:
    held = [FLAT, (100, 103, 98, 101), (101, 107, 95, 100)]
    stopped = run([*held, (60, 61, 20, 30)], {0: 1}, atr_sl_multiplier=15.0).trades[0]
    # Stop 70, left at the open of 60: the low of 20 came after the exit.
    assert (stopped.exit_price, stopped.mfe, stopped.mae) == (60.0, 7.0, -40.0)
    target = run([*held, (100, 300, 90, 250)], {0: 1}, atr_tp_multiplier=10.0).trades[0]
    assert (target.exit_price, target.mfe, target.mae) == (120.0, 20.0, -5.0)


def test_excursions_of_a_trade_within_one_bar_are_its_exit() -> None:
    trade = run([FLAT, (100, 109, 97, 98), FLAT], {0: 1}, **FIXED).trades[0]
    assert (trade.bars_held, trade.exit_price, trade.mfe, trade.mae) == (0, 97.0, 0.0, -3.0)


def test_excursions_of_an_intrabar_fill_start_at_its_close() -> None:
    trade = run([FLAT, (100, 109, 97, 98), (98, 98, 98, 98), FLAT], {0: 1}, **LIMIT).trades[0]
    # Bought at 99 inside the bar, closed at 98; the last bar reaches 100.
    assert (trade.mfe, trade.mae) == (1.0, -1.0)


def test_bars_are_plain_records() -> None:
    assert Bar(0, 1.0, 2.0, 0.5, 1.5, 9.0).quote_volume is None
