"""Many runs ask for what they compare, and each comparison is made once; how the work is cut into pieces changes nothing."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from core.candles import Candles
from strategies.columns import Columns
from strategies.conditions import CLOSES, ConditionPlan
from strategies.indicators import atr, ema, rsi
from strategies.shared import rsi_column
from strategies.sparse import ConditionTable
from tests.backtest_engine.markets import random_walk
from tests.strategies.test_starts import packed

BARS = 700
FAST, SLOW = np.array([3, 3, 5, 5, 3, 400]), np.array([20, 40, 20, CLOSES, 20, 900])
PERIODS, LEVELS = np.array([14, 14, 5, 14, 14, 800]), np.array([30.0, 40.0, 30.0, 30.5, 30.0, 30.0])
TOUCH, ATRS = np.array([3, 3, 5, 77, 3, 5]), np.array([14, 14, 7, 14, 14, 14])


@pytest.fixture(scope="module")
def candles() -> Candles:
    return random_walk(BARS, seed=9)


def planned(candles: Candles) -> ConditionPlan:
    plan = ConditionPlan(Columns(candles))
    up, down = plan.emas_apart(FAST, SLOW)
    low, high = plan.beyond(rsi_column, PERIODS, LEVELS, above=False), plan.beyond(rsi_column, PERIODS, LEVELS + 30.0, above=True)
    return plan.of_runs([up, low], [down, high], TOUCH, ATRS, np.arange(6))


def check(table: ConditionTable, candles: Candles) -> None:
    """Compare every run with what numpy makes of the indicators."""
    close = candles.close
    for run in range(len(FAST)):
        slow = close if SLOW[run] == CLOSES else ema(close, int(SLOW[run]))
        fast, momentum = ema(close, int(FAST[run])), rsi(close, int(PERIODS[run]))
        expected = (fast > slow, momentum < LEVELS[run]), (fast < slow, momentum > LEVELS[run] + 30.0)
        for side, flags in zip((table.longs, table.shorts), expected, strict=True):
            np.testing.assert_array_equal(table.words[side[run]], [packed(each) for each in flags])
        np.testing.assert_array_equal(table.touch_levels[table.touch[run]], ema(close, int(TOUCH[run])))
        np.testing.assert_array_equal(table.atrs[table.atr[run]], atr(candles.high, candles.low, close, int(ATRS[run])))
    assert table.firsts.tolist() == list(range(6))
    assert not table.touch_levels.flags.writeable
    assert not table.atrs.flags.writeable


def backwards(pieces: Sequence[Callable[[], object]]) -> None:
    for piece in reversed(pieces):
        piece()


@pytest.mark.parametrize("pairs_in_a_piece", [1, 2, 64])
def test_conditions_are_what_the_indicators_say_however_the_work_is_cut(
    pairs_in_a_piece: int, candles: Candles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("strategies.conditions._PAIRS_IN_A_PIECE", pairs_in_a_piece)
    check(planned(candles).table(), candles)
    check(planned(candles).table(backwards), candles)


def test_runs_that_compare_the_same_share_a_condition(candles: Candles) -> None:
    table = planned(candles).table()
    assert table.longs[0].tolist() == table.longs[4].tolist()
    assert len(np.unique(table.longs[:, 0])) == 5
    assert len(np.unique(table.longs[:, 1])) == 5
    assert len(table.words) == 2 * 5 + 2 * 5
    assert (len(table.touch_levels), len(table.atrs)) == (3, 2)


def test_a_plan_knows_how_much_room_it_takes(candles: Candles) -> None:
    plan = planned(candles)
    table = plan.table()
    assert plan.nbytes == pytest.approx(table.touch_levels.nbytes + table.atrs.nbytes + table.words.nbytes, rel=0.02)


def test_touch_levels_that_nobody_asks_for_are_not_made(candles: Candles) -> None:
    whole, bare = planned(candles).table(), planned(candles).table(touched=False)
    assert bare.touch_levels.shape == (1, 0)
    assert not bare.touch.any()
    for name in ("atrs", "atr", "words", "longs", "shorts", "firsts"):
        np.testing.assert_array_equal(getattr(bare, name), getattr(whole, name))


@pytest.mark.parametrize("touched", [True, False])
def test_a_strategy_may_compare_no_emas(touched: bool, candles: Candles) -> None:
    plan = ConditionPlan(Columns(candles))
    low, high = (plan.beyond(rsi_column, PERIODS, LEVELS, above=above) for above in (False, True))
    table = plan.of_runs([low], [high], TOUCH, ATRS, np.zeros(6, np.int64)).table(touched=touched)
    for run in range(len(TOUCH)):
        momentum = rsi(candles.close, int(PERIODS[run]))
        np.testing.assert_array_equal(table.words[table.longs[run, 0]], packed(momentum < LEVELS[run]))
        if touched:
            np.testing.assert_array_equal(table.touch_levels[table.touch[run]], ema(candles.close, int(TOUCH[run])))


def test_columns_are_known_to_be_numbers_only_where_all_of_them_are(candles: Candles) -> None:
    def sound(touch: int, period: int, *, touched: bool = True) -> bool:
        plan, one = ConditionPlan(Columns(candles)), np.ones(1, np.int64)
        up, down = plan.emas_apart(3 * one, 9 * one)
        return plan.of_runs([up], [down], touch * one, period * one, one).table(touched=touched).sound

    assert sound(BARS, BARS - 1)
    assert not sound(BARS + 1, BARS - 1)
    assert not sound(BARS, BARS)
    assert sound(BARS + 1, BARS - 1, touched=False)
