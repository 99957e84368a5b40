"""One window's study: nothing later is read, and the median and the doubled costs are what they are called."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backtest_engine import BacktestEngine
from config import ExecutionConfig
from core.market import MarketRules
from optimization import TrialRecord, read_ledger
from strategies import get_strategy, resolve_params, with_params
from tests.walkforward.markets import NEVER, SEARCH, START, STRATEGY, WINDOWS, candles, four_hours, poisoned
from walkforward.account import scaled_costs
from walkforward.result import WindowOutcome
from walkforward.study import StudySettings, doubled_costs, median_of, study_window
from walkforward.windows import Window, split

SETTINGS = StudySettings(STRATEGY, 1.0, SEARCH, ExecutionConfig(), MarketRules(), 42, WINDOWS.min_trades_per_window, None)


def windows() -> list[Window]:
    clean = candles()
    return split(clean.open_ms, clean.timeframe.ms, WINDOWS)


@pytest.fixture(scope="module")
def outcome() -> WindowOutcome:
    return study_window(candles(), windows()[1], SETTINGS)


def ledger(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.trials.log"))}


def record(trial: int, value: float, state: str = "complete") -> TrialRecord:
    return TrialRecord(trial, "7.3", 0, {}, str(trial), state, 3, 10, (value,), {})  # type: ignore[arg-type]


def test_windows_of_a_gaussian_process_are_searched_by_tpe(tmp_path: Path) -> None:
    search = SEARCH.replace(optuna_sampler="gp", trials=6)
    study_window(candles(), windows()[0], replace(SETTINGS, optimization=search, ledger_folder=tmp_path))
    assert {read_ledger(path)[0]["sampler"] for path in tmp_path.rglob("*.trials.log")} == {"tpe"}


def test_search_does_not_see_rows_after_its_window(tmp_path: Path) -> None:
    window = windows()[0]
    clean = study_window(candles(), window, replace(SETTINGS, ledger_folder=tmp_path / "clean"))
    other = study_window(poisoned(candles(), window.is_end), window, replace(SETTINGS, ledger_folder=tmp_path / "poisoned"))
    assert len(ledger(tmp_path / "clean")) == 3
    # the ledger's first line holds the digest of the candles that were handed over: equal lines, equal candles
    assert ledger(tmp_path / "clean") == ledger(tmp_path / "poisoned")
    assert clean.chosen.params == other.chosen.params
    assert clean.is_metrics == other.is_metrics
    assert clean.chosen.metrics != other.chosen.metrics


def test_neither_sees_detail_bars_after_its_window(tmp_path: Path) -> None:
    fine = candles()
    decided = four_hours(fine)
    window = split(decided.open_ms, decided.timeframe.ms, WINDOWS)[0]
    end, tested = (int(np.searchsorted(fine.open_ms, time)) for time in (window.is_end_ms, window.oos_end_ms))
    settings = replace(SETTINGS, execution=ExecutionConfig(detail_timeframe="1h"))
    outcomes = [
        study_window(decided, window, replace(settings, ledger_folder=tmp_path / str(first)), detail=poisoned(fine, first))
        for first in (len(fine), tested, end)
    ]
    assert repr(outcomes[0].as_dict()) == repr(outcomes[1].as_dict())
    assert ledger(tmp_path / str(len(fine))) == ledger(tmp_path / str(tested)) == ledger(tmp_path / str(end))
    assert outcomes[0].is_metrics == outcomes[2].is_metrics
    assert outcomes[0].chosen.metrics != outcomes[2].chosen.metrics


def test_test_does_not_see_rows_after_its_window(outcome: WindowOutcome) -> None:
    window = windows()[0]
    clean = study_window(candles(), window, SETTINGS)
    other = study_window(poisoned(candles(), window.oos_end), window, SETTINGS)
    assert repr(clean.as_dict()) == repr(other.as_dict())
    assert clean.chosen.equity.equals(other.chosen.equity)


def test_test_starts_flat_and_ends_flat_inside_its_window(outcome: WindowOutcome) -> None:
    window, run = outcome.window, outcome.chosen
    assert run.equity["time"].to_list() == candles().open_ms[window.oos_start : window.oos_end].tolist()
    assert run.equity["equity"][0] == SETTINGS.execution.initial_capital
    assert run.equity["equity"][-1] == pytest.approx(SETTINGS.execution.initial_capital + float(run.trades["net_pnl"].sum()))
    assert run.trades["entry_time"].min() > window.oos_start_ms  # type: ignore[operator]
    assert run.trades["exit_time"].max() < window.oos_end_ms  # type: ignore[operator]


def test_chosen_parameters_reproduce_both_parts(outcome: WindowOutcome) -> None:
    config, window, market = with_params(STRATEGY, outcome.chosen.params), outcome.window, candles()
    inside = BacktestEngine(market[: window.is_end], config, 1.0, first_bar=window.is_start).run()
    outside = BacktestEngine(market[: window.oos_end], config, 1.0, first_bar=window.oos_start).run()
    assert outcome.found
    assert inside.metrics == outcome.is_metrics
    assert outside.metrics == outcome.chosen.metrics


def test_first_window_warms_up_inside_itself() -> None:
    outcome = study_window(candles(), windows()[0], SETTINGS)
    config = with_params(STRATEGY, outcome.chosen.params)
    warmup = get_strategy(config.name).warmup(resolve_params(get_strategy(config.name), config))
    trades = BacktestEngine(candles()[: outcome.window.is_end], config, 1.0).run().trades
    assert len(trades) == outcome.is_metrics.total_trades > 0
    assert int(trades["entry_time"].min()) > START + warmup * 3_600_000  # type: ignore[arg-type]


def test_later_window_is_warm_at_its_first_bar() -> None:
    window, market = windows()[1], candles()
    cut = market[window.is_start : window.is_end]
    warm = BacktestEngine(market[: window.is_end], STRATEGY, 1.0, first_bar=window.is_start).run()
    cold = BacktestEngine(cut, STRATEGY, 1.0).run()
    assert len(warm.equity) == len(cold.equity)
    assert warm.trades["entry_time"].min() <= cold.trades["entry_time"].min()  # type: ignore[operator]


def test_window_with_too_few_trades_is_reported_but_not_scored() -> None:
    outcome = study_window(candles(), windows()[0], replace(SETTINGS, min_trades_per_window=10_000))
    assert not outcome.scored
    assert outcome.reason is not None
    assert "fewer than the 10000 of walkforward.min_trades_per_window" in outcome.reason


def test_search_without_a_valid_trial_leaves_the_base() -> None:
    outcome = study_window(candles(), windows()[0], replace(SETTINGS, strategy=NEVER))
    assert not outcome.found
    assert outcome.median is None
    assert outcome.chosen.params["ema_fast"] == NEVER.ema_fast
    assert outcome.chosen.metrics.total_trades == 0
    assert outcome.doubled_costs_net_pnl == 0.0


def test_every_cost_of_the_venue_is_doubled_and_the_cap_with_them() -> None:
    once = ExecutionConfig(slippage_range_share=0.1, slippage_impact=0.2, liquidation_fee=0.02, slippage_cap=0.3, funding_rate=0.001)
    twice = doubled_costs(once)
    assert (twice.slippage_range_share, twice.slippage_impact, twice.liquidation_fee, twice.slippage_cap) == (0.2, 0.4, 0.04, 0.6)
    assert (twice.funding_rate, twice.leverage, twice.maintenance_margin) == (0.001, 1.0, 0.0)


def test_doubled_costs_double_fees_and_slippage_even_beyond_the_range_of_settings() -> None:
    doubled = doubled_costs(ExecutionConfig(maker_fee=0.07, taker_fee=0.09, slippage=0.001, initial_capital=500))
    assert (doubled.maker_fee, doubled.taker_fee, doubled.slippage, doubled.initial_capital) == (0.14, 0.18, 0.002, 500)


def test_no_multiple_of_slippage_reaches_the_price_itself() -> None:
    execution = ExecutionConfig(slippage_cap=0.4, slippage_impact=5)
    assert [scaled_costs(execution, factor).slippage_cap for factor in (1, 2, 3)] == [0.4, 0.8, 0.99]


def test_doubled_costs_cost_more(outcome: WindowOutcome) -> None:
    assert outcome.chosen.metrics.total_trades > 0
    assert outcome.doubled_costs_net_pnl < outcome.chosen.metrics.net_pnl


def test_median_trial_is_the_middle_one_and_the_lower_of_two() -> None:
    odd = [record(0, 3.0), record(1, 1.0), record(2, 2.0), record(3, 99.0, "few_trades"), record(4, 0.0, "pruned")]
    assert median_of(odd).trial == 2  # type: ignore[union-attr]
    assert median_of([*odd, record(5, 9.0)]).trial == 2  # type: ignore[union-attr]
    assert median_of([record(0, 1.0), record(1, 1.0)]).trial == 0  # type: ignore[union-attr]
    assert median_of([record(0, 1.0, "duplicate")]) is None


def test_median_trial_is_tested_on_the_same_window(outcome: WindowOutcome) -> None:
    assert outcome.median is not None
    run, window = outcome.median.run, outcome.window
    config = with_params(STRATEGY, run.params)
    again = BacktestEngine(candles()[: window.oos_end], config, 1.0, first_bar=window.oos_start).run()
    assert again.metrics == run.metrics
    assert set(run.params) == set(outcome.chosen.params)
