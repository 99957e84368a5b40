"""The random cases reach every rule, and the oracle keeps the laws of the account in all of them."""

from collections import Counter
from math import isclose, isfinite
from pathlib import Path

import polars as pl
import pytest

from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.outcome import OracleResult
from tests.oracle.random_cases import Case, random_case
from tests.oracle.simulator import simulate

SEEDS = range(400)


@pytest.fixture(scope="module")
def candles(shared_data: Path) -> list[Bar]:
    frame = pl.read_parquet(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet").head(6000)
    columns = ("timestamp", "open", "high", "low", "close", "volume")
    return [Bar(*row) for row in frame.select(columns).iter_rows()]


@pytest.fixture(scope="module")
def runs(candles: list[Bar]) -> list[tuple[Case, OracleResult]]:
    cases = [random_case(seed, candles) for seed in SEEDS]
    return [(case, simulate(case.bars, *signals(case.bars, case.settings), case.settings)) for case in cases]


def test_a_seed_always_gives_the_same_case(candles: list[Bar]) -> None:
    assert [random_case(seed, candles) for seed in range(20)] == [random_case(seed, candles) for seed in range(20)]


def test_mutated_bars_are_still_valid_bars(runs: list[tuple[Case, OracleResult]]) -> None:
    for case, _ in runs:
        for bar in case.bars:
            assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume >= 0
            assert (bar.quote_volume is not None) == case.settings.has_quote_volume


def test_the_cases_reach_every_reason_tier_and_kind_of_event(runs: list[tuple[Case, OracleResult]]) -> None:
    exits = Counter(trade.exit_reason for _, result in runs for trade in result.trades)
    tiers = Counter(trade.entry_tier for _, result in runs for trade in result.trades)
    events = Counter((event.kind, event.reason) for _, result in runs for event in result.events)
    stops = {"stop_loss", "trailing_stop", "trailing_take_profit"}
    assert set(exits) == stops | {"take_profit", "opposite_signal", "end_of_data", "ruin"}
    assert set(tiers) == {1, 2, 3, 4}
    assert {("missed", "no_tier"), ("missed", "expired"), ("missed", "opposite_signal"), ("missed", "end_of_data")} <= set(events)
    assert {("partial", "expired"), ("partial", "opposite_signal"), ("partial", "stop_loss"), ("rejected", "below_min_qty")} <= set(events)
    assert sum(sum(q > 0 for q in (t.tier1_qty, t.tier2_qty, t.tier3_qty, t.tier4_qty)) > 1 for _, r in runs for t in r.trades) > 20


def test_cash_is_initial_capital_plus_the_sum_of_net_pnl(runs: list[tuple[Case, OracleResult]]) -> None:
    for case, result in runs:
        booked = case.settings.initial_capital + sum(trade.net_pnl for trade in result.trades)
        assert isclose(booked, result.final_cash, rel_tol=1e-9, abs_tol=1e-6)
        assert result.equity[-1] == result.final_cash
        assert len(result.equity) == len(case.bars)


def test_equity_is_positive_until_ruin_and_zero_after(runs: list[tuple[Case, OracleResult]]) -> None:
    for _, result in runs:
        alive = [value > 0 for value in result.equity]
        assert alive == sorted(alive, reverse=True)
        assert result.ruined == (not alive[-1])
        assert all(isfinite(value) for value in result.equity)


def test_trades_follow_each_other_and_their_tiers_add_up(runs: list[tuple[Case, OracleResult]]) -> None:
    for _, result in runs:
        for earlier, later in zip(result.trades, result.trades[1:], strict=False):
            assert earlier.exit_time <= later.entry_time
        for trade in result.trades:
            assert isclose(trade.tier1_qty + trade.tier2_qty + trade.tier3_qty + trade.tier4_qty, trade.qty)
            assert trade.mae <= 0 <= trade.mfe
            assert trade.mae <= trade.gross_pnl <= trade.mfe


def test_nothing_fills_in_a_no_trade_bar(runs: list[tuple[Case, OracleResult]]) -> None:
    for case, result in runs:
        silent = {bar.open_ms for bar in case.bars if case.settings.has_volume and bar.volume == 0}
        for trade in result.trades:
            assert trade.entry_time not in silent
            assert trade.exit_time not in silent or trade.exit_reason in {"end_of_data", "ruin"}
