"""Splits of the trades: every trade is in one row of each, and the rows add up."""

import math

import numpy as np
import polars as pl
import pytest

from reporting.performance import SPLITS
from reporting.performance.splits import split_trades
from tests.reporting.performance.accounts import HOUR, START, trades

CLOSED = trades(
    [10.0, -4.0, 6.0, -2.0, 5.0],
    entry_tier=np.array([1, 2, 1, 4, 2], np.int8),
    exit_reason=pl.Series(["take_profit", "stop_loss", "take_profit", "stop_loss", "end_of_data"]),
    entry_time=START + np.array([0, 1, 25, 26, 49], np.int64) * HOUR,
)


@pytest.mark.parametrize("name", SPLITS)
def test_rows_of_a_split_add_up_to_all_trades(name: str) -> None:
    rows = split_trades(CLOSED)[name]
    assert sum(row.trades for row in rows) == 5
    assert sum(row.net_pnl for row in rows) == pytest.approx(15.0)
    assert len({row.key for row in rows}) == len(rows)


def test_rows_hold_what_their_trades_have() -> None:
    splits = split_trades(CLOSED)
    assert [(row.key, row.trades, row.net_pnl) for row in splits["direction"]] == [("long", 3, 21.0), ("short", 2, -6.0)]
    assert [(row.key, row.trades) for row in splits["tier"]] == [("1", 2), ("2", 2), ("4", 1)]
    assert [(row.key, row.trades) for row in splits["exit_reason"]] == [("end_of_data", 1), ("stop_loss", 2), ("take_profit", 2)]
    assert [(row.key, row.trades) for row in splits["hour"]] == [("0", 1), ("1", 3), ("2", 1)]


def test_figures_of_a_row_are_those_of_its_trades() -> None:
    row = split_trades(CLOSED)["hour"][1]
    assert (row.net_pnl, row.expectancy, row.average_bars_held) == (7.0, 7 / 3, 10 / 3)
    assert row.win_rate == pytest.approx(200 / 3)
    assert row.profit_factor == 11 / 4
    assert math.isnan(split_trades(CLOSED)["direction"][0].profit_factor)


def test_no_trades_have_no_rows() -> None:
    assert split_trades(trades([])) == {name: [] for name in SPLITS}
