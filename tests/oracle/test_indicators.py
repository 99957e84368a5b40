"""Indicators and signals of the oracle, with numbers worked out by hand."""

from math import isnan, nan

import pytest

from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.indicators import atr, ema, rsi
from tests.oracle.settings import Settings


def closes_to_bars(closes: list[float]) -> list[Bar]:
    return [Bar(t, close, close, close, close, 1.0) for t, close in enumerate(closes)]


def test_ema_starts_with_the_mean_of_its_first_closes() -> None:
    # Mean of 2, 4, 6 is 4; k = 1/2: 4 + (10 - 4) / 2 = 7; 7 + (3 - 7) / 2 = 5.
    assert ema([2.0, 4.0, 6.0, 10.0, 3.0], 3) == pytest.approx([nan, nan, 4.0, 7.0, 5.0], nan_ok=True)


def test_an_indicator_longer_than_the_data_is_never_defined() -> None:
    bars = closes_to_bars([1.0, 2.0, 3.0])
    assert all(isnan(value) for series in (ema([1.0, 2.0, 3.0], 4), rsi([1.0, 2.0, 3.0], 3), atr(bars, 3)) for value in series)
    assert (ema([], 2), rsi([], 2), atr([], 2)) == ([], [], [])


def test_rsi_smooths_gains_and_losses_as_wilder_does() -> None:
    # Changes +2, -1, +3 with a period of 2: gain 1, loss 0.5 -> 66.67; then gain (1 + 3) / 2 = 2, loss 0.25 -> 88.89.
    assert rsi([10.0, 12.0, 11.0, 14.0], 2) == pytest.approx([nan, nan, 100 / 1.5, 200 / 2.25], nan_ok=True)


def test_rsi_without_any_movement_is_50() -> None:
    assert rsi([5.0, 5.0, 5.0], 2)[2] == 50.0


def test_the_first_atr_is_the_mean_of_the_first_true_ranges_from_bar_1_on() -> None:
    bars = [
        Bar(0, 10.0, 99.0, 1.0, 10.0, 1.0),  # no true range: there is no close before it
        Bar(1, 10.0, 12.0, 9.0, 11.0, 1.0),  # 12 - 9 = 3
        Bar(2, 15.0, 16.0, 15.0, 16.0, 1.0),  # gap up: 16 - 11 = 5
        Bar(3, 10.0, 11.0, 9.0, 10.0, 1.0),  # gap down: 16 - 9 = 7
    ]
    # (3 + 5) / 2 = 4, then (4 * 1 + 7) / 2 = 5.5.
    assert atr(bars, 2) == pytest.approx([nan, nan, 4.0, 5.5], nan_ok=True)


BARE = Settings(ema_fast=1, ema_slow=2, atr_period=1, enable_trend_filter=False, enable_rsi_filter=False)


def test_a_signal_is_the_first_bar_of_its_condition_only() -> None:
    # The fast average is the close itself; it rises above the slow one at bar 2 and falls below it at bar 4.
    direction, touch_level, _ = signals(closes_to_bars([10.0, 9.0, 11.0, 12.0, 8.0, 7.0]), BARE)
    assert direction == [0, 0, 1, 0, -1, 0]
    assert touch_level == [10.0, 9.0, 11.0, 12.0, 8.0, 7.0]


def test_there_is_no_signal_at_the_first_defined_bar() -> None:
    # Defined and true at bar 1 already: what was true before is unknown, so bar 1 is no signal and bar 2 is no change.
    assert signals(closes_to_bars([10.0, 11.0, 12.0]), BARE)[0] == [0, 0, 0]


def test_a_side_that_is_not_allowed_gives_no_signal() -> None:
    bars = closes_to_bars([10.0, 9.0, 11.0, 12.0, 8.0, 7.0])
    short_only = Settings(**{**vars(BARE), "allow_long": False})
    long_only = Settings(**{**vars(BARE), "allow_short": False})
    assert signals(bars, short_only)[0] == [0, 0, 0, 0, -1, 0]
    assert signals(bars, long_only)[0] == [0, 0, 1, 0, 0, 0]


def test_a_filter_that_is_off_needs_no_warm_up() -> None:
    bars = closes_to_bars([10.0, 9.0, 11.0, 12.0, 8.0, 7.0])
    filtered = Settings(**{**vars(BARE), "enable_trend_filter": True, "ema_trend": 4})
    assert signals(bars, filtered)[0] == [0, 0, 0, 0, -1, 0]
    assert signals(bars, BARE)[0][2] == 1


def test_the_rsi_filter_wants_a_pullback() -> None:
    # Up trend throughout; the RSI of one change is 100 after a rise and 0 after a fall.
    bars = closes_to_bars([1.0, 2.0, 4.0, 8.0, 7.9, 9.0])
    settings = Settings(**{**vars(BARE), "ema_fast": 2, "ema_slow": 4, "enable_rsi_filter": True, "rsi_period": 1})
    assert signals(bars, settings)[0] == [0, 0, 0, 0, 1, 0]
