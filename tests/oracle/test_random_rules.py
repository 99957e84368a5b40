"""The random cases of the rules of real markets reach every rule, and the oracle keeps the laws of the account in all of them."""

from collections import Counter
from dataclasses import replace
from math import isclose, isfinite
from pathlib import Path

import polars as pl
import pytest

from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.outcome import OracleResult
from tests.oracle.random_rules import RulesCase, random_rules_case
from tests.oracle.settings import Settings
from tests.oracle.simulator import simulate

SEEDS = range(300)


def outcome(case: RulesCase, settings: Settings | None = None) -> OracleResult:
    chosen = settings or case.settings
    return simulate(case.bars, *signals(case.bars, chosen), chosen, case.funding, case.detail)


@pytest.fixture(scope="module")
def runs(shared_data: Path) -> list[tuple[RulesCase, OracleResult]]:
    frame = pl.read_parquet(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet").head(6000)
    columns = ("timestamp", "open", "high", "low", "close", "volume")
    candles = [Bar(*row) for row in frame.select(columns).iter_rows()]
    cases = [random_rules_case(seed, candles) for seed in SEEDS]
    return [(case, outcome(case)) for case in cases]


def test_the_cases_reach_every_rule(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    exits = Counter(trade.exit_reason for _, result in runs for trade in result.trades)
    trading = [case for case, result in runs if result.trades]
    assert exits["liquidation"] >= 100
    assert {"stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal", "end_of_data"} <= set(exits)
    assert {case.settings.sizing for case in trading} == {"fixed", "equity", "risk", "volatility", "kelly"}
    assert {case.settings.stop_type for case in trading} == {case.settings.target_type for case in trading} == {"atr", "percent", "none"}
    assert sum(result.ambiguous_exits for _, result in runs) > 20
    assert sum(case.detail is not None for case in trading) > 30
    for switched_on in ("slippage_range_share", "slippage_impact", "price_step", "funding_rate", "regime_response", "min_notional"):
        assert sum(getattr(case.settings, switched_on) != 0 for case in trading) > 20
    assert sum(bool(case.funding) for case in trading) > 20


def test_cash_is_initial_capital_plus_the_sum_of_net_pnl(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    for case, result in runs:
        booked = case.settings.initial_capital + sum(trade.net_pnl for trade in result.trades)
        assert isclose(booked, result.final_cash, rel_tol=1e-9, abs_tol=1e-6)
        assert result.equity[-1] == result.final_cash >= 0
        assert len(result.equity) == len(case.bars)
        assert all(isfinite(value) for value in result.equity)


def test_prices_paid_are_whole_steps(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    for case, result in runs:
        step = case.settings.price_step
        for trade in result.trades if step else ():
            assert trade.exit_price / step == pytest.approx(round(trade.exit_price / step), abs=1e-6)


def test_no_position_is_carried_past_its_maintenance_margin(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    for case, result in runs:
        if case.settings.maintenance_margin and case.detail is None:
            assert all(trade.exit_reason != "ruin" or trade.bars_held == 0 for trade in result.trades)


def test_more_slip_never_pays_a_better_price(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    for case, result in runs[:100]:
        first = outcome(case, replace(case.settings, slippage=0.0, slippage_range_share=0.0, slippage_impact=0.0)).trades[:1]
        if first and result.trades and first[0].entry_time == result.trades[0].entry_time and first[0].qty == result.trades[0].qty:
            slipped, d = result.trades[0], first[0].direction
            assert d * slipped.avg_entry >= d * first[0].avg_entry - 1e-9 * first[0].avg_entry


def test_detail_bars_equal_to_the_decision_bars_change_nothing(runs: list[tuple[RulesCase, OracleResult]]) -> None:
    for case, result in runs:
        if case.detail is None:
            again = simulate(case.bars, *signals(case.bars, case.settings), case.settings, case.funding, list(case.bars))
            assert again == result
