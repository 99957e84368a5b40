"""The invariants hold for a sound result and name the law that a damaged one breaks."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from backtest_engine import BacktestResult, Simulation
from config import ExecutionConfig
from tests.backtest_engine.markets import BUSY, random_walk
from tests.invariants import assert_result_invariants

Trades = NDArray[np.void]


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    simulation = Simulation(random_walk(800, silent_share=0.1), BUSY, 1.0, ExecutionConfig(initial_capital=1000.0))
    simulation.run()
    return simulation


def raised(field: str, amount: float, row: int = 3) -> Callable[[Trades], None]:
    def change(trades: Trades) -> None:
        trades[field][row] += amount

    return change


def not_a_number(trades: Trades) -> None:
    trades["mfe"][2] = np.nan


def entered_late(trades: Trades) -> None:
    trades["entry_bar"][3] = trades["exit_bar"][3] + 1


def overlapping(trades: Trades) -> None:
    trades["exit_bar"][2] = trades["entry_bar"][3] + 1


DAMAGED_TRADES: dict[str, Callable[[Trades], None]] = {
    "trades.mfe is finite": not_a_number,
    "net P&L and initial capital add up": raised("net_pnl", 1.0),
    "entered before it is left": entered_late,
    "one position at a time": overlapping,
    "quantity is positive": raised("qty", -5.0),
    "quantities of the tiers add up": raised("tier4_qty", 0.01),
    "costs are not negative": raised("fees", -10.0),
    "gross P&L is the move": raised("gross_pnl", 0.5),
    "net P&L is gross less fees": raised("fees", 0.5),
    "MAE <= ": raised("mae", 1000.0),
    "MFE >= ": raised("mfe", -1000.0),
}


def test_a_result_of_the_engine_passes(simulation: Simulation) -> None:
    result = simulation.result()
    assert result.metrics.total_trades > 20
    assert_result_invariants(simulation, result)


@pytest.mark.parametrize("law", DAMAGED_TRADES)
def test_a_damaged_trade_is_named(law: str, simulation: Simulation) -> None:
    result = simulation.result()
    trades = result._trades.copy()
    DAMAGED_TRADES[law](trades)
    with pytest.raises(AssertionError, match=law):
        assert_result_invariants(simulation, replace(result, _trades=trades))


@pytest.mark.parametrize(("field", "law"), [("exit_price", "an exit's price"), ("avg_entry", "an entry's price")])
def test_a_price_that_the_market_never_had_is_named(field: str, law: str, simulation: Simulation) -> None:
    result = simulation.result()
    trades = result._trades.copy()
    # the money is moved along, so that only the price itself is wrong
    moved = 0.2 * trades[field]
    sign = trades["direction"] * (1 if field == "exit_price" else -1)
    trades[field] += moved
    trades["gross_pnl"] += sign * moved * trades["qty"]
    trades["net_pnl"] = trades["gross_pnl"] - trades["fees"]
    trades["mfe"], trades["mae"] = 1e9, -1e9
    final = 1000.0 + trades["net_pnl"].sum()
    equity = np.append(result._equity[:-1], final)
    metrics = replace(result.metrics, winning_trades=int((trades["net_pnl"] > 0).sum()), losing_trades=int((trades["net_pnl"] < 0).sum()))
    assert final > 0
    with pytest.raises(AssertionError, match=law):
        assert_result_invariants(simulation, replace(result, _trades=trades, _equity=equity, metrics=metrics))


@pytest.mark.parametrize(
    ("bar", "value", "law"), [(5, np.nan, "equity is finite"), (400, 0.0, "positive until ruin"), (799, 3.0, "add up to the final equity")]
)
def test_damaged_equity_is_named(bar: int, value: float, law: str, simulation: Simulation) -> None:
    result = simulation.result()
    equity = result._equity.copy()
    equity[bar] = value
    with pytest.raises(AssertionError, match=law), np.errstate(invalid="ignore"):
        assert_result_invariants(simulation, replace(result, _equity=equity))


def test_counts_that_disagree_with_the_tables_are_named(simulation: Simulation) -> None:
    result = simulation.result()
    for change in ({"total_trades": 1}, {"missed_entries": 7000}, {"fees": 1.0}, {"exposure": 101.0}, {"ruined": True}):
        wrong: BacktestResult = replace(result, metrics=replace(result.metrics, **change))
        with pytest.raises(AssertionError):
            assert_result_invariants(simulation, wrong)


def test_every_result_of_the_suite_is_checked(simulation: Simulation) -> None:
    damaged = simulation._records.trades["net_pnl"]
    before = damaged[0]
    damaged[0] += 1.0
    try:
        with pytest.raises(AssertionError, match="add up"):
            simulation.result()
    finally:
        damaged[0] = before
