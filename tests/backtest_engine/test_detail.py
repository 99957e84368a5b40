"""Laws of finer execution: what detail bars must not change, what they count in, and what of them is refused."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest_engine import BacktestEngine, BacktestResult, BatchSimulation, FundingRates, Simulation, compare_with_coarse
from backtest_engine.detail import decisions_of, detail_from
from backtest_engine.metrics import Totals, curve_metrics
from core.candles import Candles
from core.market import Market
from core.timeframe import TIMEFRAMES
from exchanges.calendars import venue_timeframe
from market_data.resample import resample
from tests.backtest_engine.finer import FINE, INSIDE, only, two_timeframes
from tests.backtest_engine.markets import BUSY, random_walk
from tests.backtest_engine.oracle_bridge import candles_of, configs_of, differences, run_engine, simulation_of, timeframe_of
from tests.backtest_engine.test_batch import RULES, rows_of
from tests.backtest_engine.test_rules_everywhere import SIZES, STEPS, STOPS, account
from tests.backtest_engine.test_rules_everywhere import values as every_rule
from tests.oracle.bars import Bar
from tests.oracle.hybrid_trend import signals
from tests.oracle.random_cases import random_case
from tests.oracle.random_rules import random_detail_case, random_rules_case
from tests.oracle.simulator import simulate

CASES = 500
HOURS = 250
CANDLES, DETAIL = two_timeframes(HOURS, seed=3, lost_share=0.1)
RATES = FundingRates(CANDLES.open_ms[::8] + 5, np.linspace(-0.002, 0.003, len(CANDLES.open_ms[::8])))

seeds = st.integers(0, 10_000)


def run(candles: Candles, detail: Candles, first_bar: int = 0, funding: FundingRates | None = None) -> BacktestResult:
    return Simulation(candles, BUSY, 2.0, FINE, RULES, first_bar, funding, detail).run()


@pytest.mark.xdist_group("oracle")
def test_engine_equals_oracle_on_random_detail_cases(real_bars: list[Bar]) -> None:
    seen: Counter[str] = Counter()
    for seed in range(CASES):
        case = random_detail_case(seed, real_bars)
        assert case.detail is not None
        oracle = simulate(case.bars, *signals(case.bars, case.settings), case.settings, case.funding, case.detail)
        found = differences(run_engine(case.bars, case.settings, case.funding, case.detail), oracle, case.bars, case.detail)
        assert not found, f"seed {seed}: {found[:3]}"
        seen.update(trade.exit_reason for trade in oracle.trades)
        seen.update(f"tier{trade.entry_tier}" for trade in oracle.trades)
        seen.update(event.kind for event in oracle.events)
        seen.update("inside a decision bar" for trade in oracle.trades if trade.entry_time % case.settings.bar_ms)
        seen.update("within a decision bar" for trade in oracle.trades if trade.bars_held == 0 and trade.exit_time > trade.entry_time)
    assert set(seen) >= {
        "stop_loss", "trailing_stop", "trailing_take_profit", "take_profit", "opposite_signal", "ruin", "end_of_data",
        "tier1", "tier2", "tier3", "tier4", "missed", "partial", "rejected", "inside a decision bar", "within a decision bar",
    }  # fmt: skip


@pytest.mark.xdist_group("oracle")
def test_detail_bars_that_are_the_decision_bars_change_nothing(real_bars: list[Bar]) -> None:
    trades = 0
    for seed in range(200):
        case = random_case(seed, real_bars)
        strategy, execution, rules = configs_of(case.settings)
        candles, first_bar = candles_of(case.bars, case.settings), len(case.bars) // 5
        funding = FundingRates(candles.open_ms[::8], np.full(len(candles.open_ms[::8]), 0.0007)) if seed % 3 == 0 else None
        arguments = (case.settings.order_qty, execution, rules, first_bar, funding)
        plain = Simulation(candles, strategy, *arguments).run()
        fine = execution.replace(detail_timeframe="1h")
        again = Simulation(candles, strategy, arguments[0], fine, rules, first_bar, funding, candles).run()
        assert again.digest == plain.digest, f"seed {seed}"
        # as text: an undefined figure, nan, is not equal to itself
        assert str(again.metrics) == str(plain.metrics)
        assert again.trades.equals(plain.trades)
        trades += plain.metrics.total_trades
    assert trades > 1000


@pytest.mark.xdist_group("oracle")
def test_detail_bars_that_are_the_decision_bars_change_nothing_under_any_rule(real_bars: list[Bar]) -> None:
    seen: Counter[str] = Counter()
    for seed in range(200):
        case = random_rules_case(seed, real_bars)
        settings = replace(case.settings, detail_bars=1)
        plain = simulation_of(case.bars, settings, case.funding).run()
        if timeframe_of(settings.bar_ms).name not in TIMEFRAMES:
            continue  # no detail_timeframe is called so
        again = simulation_of(case.bars, settings, case.funding, detail=case.bars).run()
        assert (again.digest, again.ambiguous_exits) == (plain.digest, plain.ambiguous_exits), f"seed {seed}"
        assert str(again.metrics) == str(plain.metrics)
        seen.update(plain.trades["exit_reason"].to_list())
        seen.update({"ambiguous": plain.ambiguous_exits})
    assert min(seen["liquidation"], seen["ambiguous"]) > 10


@pytest.mark.parametrize("sizing", SIZES)
def test_every_row_of_a_batch_is_the_single_run_under_all_rules(sizing: str) -> None:
    columns, execution = every_rule(3, 5), account(sizing).replace(detail_timeframe="5m")
    batch = BatchSimulation(CANDLES, STOPS["atr"], columns, 1000.0, execution, STEPS, 20, None, DETAIL)
    for end in (17, 150, batch.bars):
        batch.advance(end)
    for row in range(5):
        settings = STOPS["atr"].replace(**{name: column[row].item() for name, column in columns.items()})
        alone = Simulation(CANDLES, settings, 1000.0, execution, STEPS, 20, None, DETAIL)
        assert alone.run().metrics.total_trades > 0
        assert repr(batch.metrics(row)) == repr(alone.metrics())


@pytest.mark.xdist_group("oracle")
def test_random_detail_cases_in_random_pieces(real_bars: list[Bar]) -> None:
    for seed in range(80):
        case = random_detail_case(seed, real_bars)
        whole = simulation_of(case.bars, case.settings, case.funding, detail=case.detail).run()
        for ends in (range(0, len(case.bars), 7), range(len(case.bars) + 1)):
            pieces = simulation_of(case.bars, case.settings, case.funding, detail=case.detail)
            for end in ends:
                pieces.advance(end)
            assert pieces.run().digest == whole.digest, f"seed {seed}"


@given(seeds, st.lists(st.integers(1, 119), max_size=5), st.integers(0, 30))
def test_splitting_anywhere_changes_nothing(seed: int, cuts: list[int], first_bar: int) -> None:
    candles, detail = two_timeframes(150, seed, lost_share=0.2)
    pieces = Simulation(candles, BUSY, 2.0, FINE, RULES, first_bar, None, detail)
    for end in sorted(cuts):
        pieces.advance(end)
        pieces.metrics()
    assert pieces.run().digest == run(candles, detail, first_bar).digest


@given(seeds, st.integers(30, 149))
def test_bars_at_the_end_change_no_earlier_closed_trade(seed: int, cut: int) -> None:
    candles, detail = two_timeframes(150, seed, lost_share=0.1)
    known = detail[: detail.index_of(int(candles.open_ms[cut]))]
    short, long = run(candles[:cut], known), run(candles, detail)
    closed = short.trades.filter(pl.col("exit_reason") != "end_of_data")
    assert long.trades.head(len(closed)).equals(closed)
    assert long.equity["equity"][: cut - 1].equals(short.equity["equity"][: cut - 1])
    ended = short.entries.filter(pl.col("reason") != "end_of_data")
    assert long.entries.head(len(ended)).equals(ended)


@given(seeds, st.integers(0, 60), st.booleans(), st.lists(st.integers(1, 180), max_size=3))
def test_every_row_of_a_batch_is_the_single_run(seed: int, first_bar: int, funded: bool, cuts: list[int]) -> None:
    values, funding = rows_of(seed, 3), RATES if funded else None
    batch = BatchSimulation(CANDLES, BUSY, values, 2.0, FINE, RULES, first_bar, funding, DETAIL)
    assert batch.bars == HOURS - first_bar
    alone = [
        Simulation(CANDLES, BUSY.replace(**{name: column[row].item() for name, column in values.items()}), 2.0, FINE, RULES, first_bar,
                   funding, DETAIL)
        for row in range(3)
    ]  # fmt: skip
    for end in [*sorted(cuts), batch.bars]:
        batch.advance(end)
        for row, simulation in enumerate(alone):
            simulation.advance(end)
            if end == batch.bars:
                simulation.finish()
            # repr tells nan and the sign of zero too
            assert repr(batch.metrics(row)) == repr(simulation.metrics())


def test_detail_before_the_first_bar_may_be_missing_and_changes_nothing() -> None:
    late = DETAIL[DETAIL.index_of(int(CANDLES.open_ms[40])) :]
    assert run(CANDLES, late, 40).digest == run(CANDLES, DETAIL, 40).digest
    assert run(CANDLES, late, 40).metrics.total_trades > 5


def test_every_figure_counts_decision_bars() -> None:
    result = run(CANDLES, DETAIL, funding=RATES)
    trades, equity, metrics = result.trades, result.equity["equity"].to_numpy(), result.metrics
    assert result.equity["time"].to_numpy().tolist() == CANDLES.open_ms.tolist()
    entered, left = (np.searchsorted(DETAIL.open_ms, trades[name]) for name in ("entry_time", "exit_time"))
    last = np.searchsorted(DETAIL.open_ms, CANDLES.open_ms + CANDLES.timeframe.ms) - 1
    ended = np.where(trades["exit_reason"].is_in(["ruin", "end_of_data"]).to_numpy(), left + 1, left)
    held = sum(bool(((entered <= t) & (t < ended)).any()) for t in last)
    assert metrics.exposure == pytest.approx(100 * held / HOURS)
    hours = (trades["exit_time"] // 3_600_000 - trades["entry_time"] // 3_600_000).to_numpy()
    assert trades["bars_held"].to_numpy().tolist() == hours.tolist()
    assert metrics.average_bars_held == pytest.approx(hours.mean())
    totals = Totals(
        gross_pnl=metrics.gross_pnl, fees=metrics.fees, slippage_cost=metrics.slippage_cost, funding=metrics.funding,
        missed=metrics.missed_entries, partial=metrics.partial_entries, rejected=metrics.rejected_entries, bars_in_position=held,
        ruined=metrics.ruined,
    )  # fmt: skip
    net = trades["net_pnl"].to_numpy()
    expected = curve_metrics(equity, CANDLES.timeframe.periods_per_year, 0.04, net_pnl=net, bars_held=hours, totals=totals)
    for name in ("sharpe_ratio", "sortino_ratio", "volatility", "max_drawdown", "max_drawdown_quote", "cagr", "profit_factor"):
        assert getattr(metrics, name) == pytest.approx(getattr(expected, name), rel=1e-9), name
    assert metrics.total_trades > 30


def test_fills_of_one_decision_bar_have_times_inside_it() -> None:
    times = np.concatenate([run(CANDLES, DETAIL).trades[name].to_numpy() for name in ("entry_time", "exit_time")])
    assert len(np.unique(times % 3_600_000)) == INSIDE


def test_coarse_is_the_run_on_the_decision_bars_alone() -> None:
    result = run(CANDLES, DETAIL, 20, RATES)
    alone = Simulation(CANDLES, BUSY, 2.0, FINE.replace(detail_timeframe=None), RULES, 20, RATES).run()
    assert result.coarse is not None
    assert result.coarse.digest == alone.digest != result.digest
    assert alone.coarse is None
    assert result.coarse is result.coarse


def test_the_comparison_states_both_figures_and_their_difference() -> None:
    result = run(CANDLES, DETAIL)
    assert result.coarse is not None
    found = {each.name: each for each in compare_with_coarse(result)}
    assert list(found) == ["net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "total_trades", "win_rate", "ambiguous_exits"]
    net = found["net_pnl"]
    assert (net.detail, net.coarse) == (result.metrics.net_pnl, result.coarse.metrics.net_pnl)
    assert net.as_dict() == {"name": "net_pnl", "detail": net.detail, "coarse": net.coarse, "difference": net.detail - net.coarse}
    assert found["ambiguous_exits"].detail == result.ambiguous_exits
    assert math.isfinite(found["sharpe_ratio"].difference)
    assert compare_with_coarse(result.coarse) == ()


def test_the_public_call_takes_detail_under_the_name_given_to_the_candles() -> None:
    engine = BacktestEngine(CANDLES, BUSY, 2.0, "BINANCE", "BTCUSDT", execution=FINE, rules=RULES, detail=DETAIL)
    result = engine.run()
    assert result.digest == run(CANDLES, DETAIL).digest
    assert result.detail is not None
    assert str(result.detail.market) == "BINANCE BTCUSDT 5m"


@given(seeds, st.integers(-6, 6))
def test_prices_and_capital_times_a_factor_is_money_times_that_factor(seed: int, power: int) -> None:
    # a power of two: every number of the run is scaled without rounding
    factor, (candles, detail) = 2.0**power, two_timeframes(100, seed)
    scaled = [
        only(each, slice(None), **{name: factor * getattr(each, name) for name in ("open", "high", "low", "close")})
        for each in (candles, detail)
    ]
    execution = FINE.replace(initial_capital=900.0 * factor)
    one, other = run(candles, detail), Simulation(scaled[0], BUSY, 2.0, execution, RULES, detail=scaled[1]).run()
    assert other.trades["net_pnl"].equals(one.trades["net_pnl"] * factor)
    assert other.trades["exit_time"].equals(one.trades["exit_time"])
    assert other.equity["equity"].equals(one.equity["equity"] * factor)


def test_the_bars_of_a_session_have_their_places_by_the_clock_from_the_opening_on() -> None:
    fine, coarse = (venue_timeframe("ZERODHA", name) for name in ("15m", "1h"))
    opening = fine.floor(1_704_080_700_000)  # Monday 2024-01-01, 09:15 in Mumbai: 25 quarters, so that the seventh hour has one
    times = np.concatenate([opening + 86_400_000 * day + fine.ms * np.arange(25) for day in range(4)])
    walk = random_walk(100, seed=5, timeframe="15m")
    columns = {"timestamp": times} | {name: getattr(walk, name) for name in ("open", "high", "low", "close", "volume")}
    detail = Candles.from_arrays(Market("ZERODHA", "NSE:X", fine), columns)
    candles = resample(detail, coarse)
    decisions = decisions_of(candles, detail_from(candles, detail, FINE.replace(detail_timeframe="15m")))
    assert decisions.inside == 4
    assert decisions.place.tolist() == ([0, 1, 2, 3] * 6 + [0]) * 4
    assert np.diff(decisions.first).tolist() == ([4] * 6 + [1]) * 4
    assert decisions.of.tolist() == np.repeat(np.arange(28), np.diff(decisions.first)).tolist()
