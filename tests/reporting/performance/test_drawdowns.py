"""Drawdowns: where they begin, where they end, how deep they are."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from backtest_engine.metrics import drawdowns
from reporting.performance import performance_of
from reporting.performance.drawdowns import deepest, find_drawdowns, ulcer_index
from tests.reporting.performance.accounts import DAY, START, account


def found(equity: list[float]) -> list[tuple[Any, ...]]:
    times = START + np.arange(len(equity), dtype=np.int64) * DAY
    return [
        (
            (each.start_ms - START) // DAY, (each.trough_ms - START) // DAY,
            None if each.recovery_ms is None else (each.recovery_ms - START) // DAY, each.depth, each.days,
        )
        for each in find_drawdowns(times, np.array(equity))
    ]  # fmt: skip


def test_a_drawdown_runs_from_its_peak_to_where_the_peak_is_reached_again() -> None:
    assert found([100, 90, 80, 95, 100, 110, 99, 104]) == [
        (0, 2, 4, pytest.approx(-20.0), 4.0),
        (5, 6, None, pytest.approx(-10.0), 2.0),
    ]


def test_equity_that_only_rises_or_rests_has_none() -> None:
    assert found([100, 100, 101, 101]) == []


def test_the_first_lowest_close_is_the_trough() -> None:
    assert found([100, 90, 95, 90])[0][1] == 1


@given(some.lists(some.floats(50, 150), min_size=2, max_size=60))
def test_drawdowns_and_bars_under_water_agree(equity: list[float]) -> None:
    values = np.array(equity)
    times = START + np.arange(len(values), dtype=np.int64) * DAY
    each = find_drawdowns(times, values)
    under = drawdowns(values)
    assert min((one.depth for one in each), default=0.0) == pytest.approx(float(under.min()), abs=1e-12)
    bars = sum(int((times > one.start_ms).sum() - (times >= (one.recovery_ms or times[-1] + 1)).sum()) for one in each)
    assert bars == int((under < 0).sum())
    assert [one.depth for one in deepest(each, 3)] == sorted(one.depth for one in each)[:3]


def test_ulcer_index_is_the_root_mean_square() -> None:
    assert ulcer_index(np.array([100.0, 90.0, 80.0, 100.0])) == pytest.approx(np.sqrt((100 + 400) / 4))


def test_five_deepest_are_told_and_averages_are_of_all() -> None:
    equity = [100.0]
    for depth in (1, 2, 3, 4, 5, 6):
        equity += [100.0 - depth, 100.0]
    result = performance_of(account(equity))
    assert [round(each.depth) for each in result.drawdowns] == [-6, -5, -4, -3, -2]
    assert result.figures["average_drawdown"] == pytest.approx(-3.5)
    assert result.figures["longest_drawdown"] == 2.0
    assert result.figures["time_under_water"] == pytest.approx(100 * 6 / 13)
