"""Stress: one thing is worse and everything else the same; nothing later is read, and equal seeds give equal noise."""

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from backtest_engine import BacktestEngine
from config import ExecutionConfig
from core.candles import Candles
from core.errors import BacktestError
from core.market import Market, MarketRules
from strategies import get_strategy, resolve_params, with_params
from tests.walkforward.markets import HOUR, SEARCH, STRATEGY, WINDOWS, candles, four_hours, poisoned
from walkforward import stress
from walkforward.account import Series, StudySettings, backtest, out_of_sample
from walkforward.price_noise import noisy
from walkforward.result import OutOfSampleRun, WindowOutcome
from walkforward.scenarios import LATE_START, NOISE_DRAWS, SCENARIOS
from walkforward.stress import disturbed, late_signals, stress_results, stress_tests
from walkforward.study import study_window
from walkforward.windows import split

SETTINGS = StudySettings(
    STRATEGY, 1.0, SEARCH.replace(trials=24), ExecutionConfig(), MarketRules(), 42, WINDOWS.min_trades_per_window, None
)
WINDOW = split(candles().open_ms, candles().timeframe.ms, WINDOWS)[1]
PRICES = ("open", "high", "low", "close")


def stressed(
    market: Candles, settings: StudySettings = SETTINGS, detail: Candles | None = None, number: int = 1
) -> dict[str, OutOfSampleRun]:
    series = Series(market, detail)
    window = split(market.open_ms, market.timeframe.ms, WINDOWS)[number]
    chosen = OutOfSampleRun.of({}, out_of_sample(series, window, settings, settings.strategy))
    runs, failures = stress_tests(series, window, settings, settings.strategy, chosen)
    assert not failures
    return {"costs_x1": chosen, **runs}


def always_at_once() -> StudySettings:
    """Settings under which an order fills on the bar after its signal: no tier waits for a price."""
    return replace(SETTINGS, strategy=STRATEGY.replace(enable_hybrid_engine=False))


@pytest.fixture(scope="module")
def outcome() -> WindowOutcome:
    return study_window(candles(), WINDOW, SETTINGS)


def test_every_scenario_has_its_tests_and_none_is_idle() -> None:
    runs = stressed(candles())
    assert set(runs) == {"costs_x1", *(run for scenario in SCENARIOS for run in scenario.runs)}
    assert len({run.metrics.net_pnl for run in runs.values()}) == len(runs)
    assert runs["costs_x1"].metrics.total_trades > 0


def test_costs_are_what_they_are_called() -> None:
    runs = stressed(candles())
    for factor in (2, 3):
        execution = ExecutionConfig(**{name: factor * getattr(ExecutionConfig(), name) for name in ("maker_fee", "taker_fee", "slippage")})
        alone = BacktestEngine(candles()[: WINDOW.oos_end], STRATEGY, 1.0, execution=execution, first_bar=WINDOW.oos_start).run()
        assert runs[f"costs_x{factor}"].metrics == alone.metrics
    assert runs["costs_x3"].metrics.net_pnl < runs["costs_x2"].metrics.net_pnl < runs["costs_x1"].metrics.net_pnl


def test_a_late_signal_is_the_one_of_the_bar_before() -> None:
    market, first = candles(), WINDOW.oos_start
    params = resolve_params(get_strategy(STRATEGY.name), STRATEGY)
    signals, late = get_strategy(STRATEGY.name).signals(market, params), late_signals(market, STRATEGY, first)
    assert np.count_nonzero(signals.direction[first:]) > 3
    assert late.direction[first + 1 :].tolist() == signals.direction[first:-1].tolist()
    assert not late.direction[: first + 1].any()
    for name in ("touch_level", "atr"):
        assert np.array_equal(getattr(late, name)[1:], getattr(signals, name)[:-1], equal_nan=True)


def test_a_late_signal_fills_two_bars_after_it_at_the_earliest() -> None:
    signals = get_strategy(STRATEGY.name).signals(candles(), resolve_params(get_strategy(STRATEGY.name), STRATEGY))
    first = int(candles().open_ms[WINDOW.oos_start + np.flatnonzero(signals.direction[WINDOW.oos_start :])[0]])
    entered = {name: run.trades["entry_time"][0] for name, run in stressed(candles(), always_at_once()).items()}
    assert entered["costs_x1"] == first + HOUR
    assert entered["late_entry"] == first + 2 * HOUR


def test_a_later_start_leaves_the_first_tenth_out() -> None:
    whole, later = (stressed(candles())[name].equity for name in ("costs_x1", "start_offset"))
    assert len(whole) - len(later) == len(whole) // LATE_START
    assert later["time"].to_list() == whole["time"].to_list()[len(whole) // LATE_START :]


def test_no_test_sees_rows_after_its_window() -> None:
    end = split(candles().open_ms, candles().timeframe.ms, WINDOWS)[0].oos_end
    clean = stressed(candles(), number=0)
    for name, run in stressed(poisoned(candles(), end), number=0).items():
        assert run.equity.equals(clean[name].equity), name


def test_finer_candles_are_stressed_too() -> None:
    fine = candles()
    settings = replace(SETTINGS, execution=ExecutionConfig(detail_timeframe="1h"))
    runs = stressed(four_hours(fine), settings, fine)
    assert runs["costs_x1"].metrics.total_trades > 0
    assert len({run.metrics.net_pnl for run in runs.values()}) == len(runs)


def test_noisy_candles_are_candles_and_differ_by_the_noise_only() -> None:
    clean = candles()
    other = noisy(clean, 7, 0.1)
    assert other.open_ms.tolist() == clean.open_ms.tolist()
    assert other.volume.tolist() == clean.volume.tolist()
    spread = np.log(clean.high / clean.low)
    for name in ("open", "close"):
        moved = np.log(getattr(other, name) / getattr(clean, name)) / spread
        assert moved.mean() == pytest.approx(0.0, abs=0.015)
        assert moved.std() == pytest.approx(0.1, rel=0.1)
    assert all((other.low <= getattr(other, name)).all() and (getattr(other, name) <= other.high).all() for name in PRICES)


def test_noise_is_that_of_its_seed_and_bar() -> None:
    clean = candles()
    assert noisy(clean, 7).digest == noisy(clean, 7).digest
    assert noisy(clean, 7).digest != noisy(clean, 8).digest
    assert noisy(clean[:100], 7).digest == noisy(clean, 7)[:100].digest
    assert noisy(clean, 7, 0.0).close.tolist() == clean.close.tolist()


def test_a_bar_without_a_range_stays_as_it_is() -> None:
    clean = candles(2)
    flat = Candles.from_arrays(
        clean.market,
        {"timestamp": clean.open_ms, **dict.fromkeys(PRICES, clean.close), "volume": clean.volume, "quote_volume": clean.volume},
    )
    assert noisy(flat, 7).digest == flat.digest


def test_each_draw_of_noise_is_another_and_those_of_another_run_too() -> None:
    series = Series(candles(5))
    digests = {disturbed(series, seed, draw).candles.digest for seed in (1, 2) for draw in range(NOISE_DRAWS)}
    assert len(digests) == 2 * NOISE_DRAWS


def test_noise_of_one_market_is_not_that_of_another() -> None:
    one = candles(5)
    columns = {"timestamp": one.open_ms} | {name: getattr(one, name) for name in (*PRICES, "volume")}
    other = Candles.from_arrays(Market("TEST", "OTHER", one.timeframe), columns)
    moved = [disturbed(Series(each), 1, 0).candles.close / each.close for each in (one, other)]
    assert abs(np.corrcoef(np.log(moved[0]), np.log(moved[1]))[0, 1]) < 0.3


def test_whole_is_stitched_from_the_windows(outcome: WindowOutcome) -> None:
    execution, per_year = SETTINGS.execution, candles().timeframe.periods_per_year
    results = {each.name: each for each in stress_results([outcome], execution, per_year)}
    assert tuple(results) == tuple(scenario.name for scenario in SCENARIOS)
    base = results["costs_x1"]
    assert base.net_pnl == pytest.approx(outcome.chosen.metrics.net_pnl)
    assert results["costs_x2"].net_pnl == pytest.approx(outcome.doubled_costs_net_pnl)
    assert results["late_entry"].total_trades == outcome.stress["late_entry"].metrics.total_trades
    draws = sorted(outcome.stress[f"price_noise_{draw}"].metrics.net_pnl for draw in range(NOISE_DRAWS))
    assert (results["price_noise"].net_pnl, results["price_noise"].worst_net_pnl) == pytest.approx((draws[NOISE_DRAWS // 2], draws[0]))
    kept = [each.kept for each in results.values()]
    if base.net_pnl > 0:
        assert kept == pytest.approx([each.net_pnl / base.net_pnl for each in results.values()])
    else:
        assert all(map(math.isnan, kept))


def test_stress_is_of_the_chosen_parameters(outcome: WindowOutcome) -> None:
    config = with_params(STRATEGY, outcome.chosen.params)
    known = Series(candles()).until(WINDOW.oos_end)
    alone = backtest(known, WINDOW.oos_start, SETTINGS, config, signals=late_signals(known.candles, config, WINDOW.oos_start))
    assert alone.metrics.total_trades > 0
    assert outcome.stress["late_entry"].equity.equals(alone.equity)
    assert outcome.stress["late_entry"].trades.equals(alone.trades)
    assert outcome.stress["late_entry"].params == outcome.chosen.params


def test_a_strategy_that_refuses_noise_has_a_reason_in_place_of_figures(outcome: WindowOutcome, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(candles: Candles, seed: int) -> Candles:
        raise BacktestError("strategy picky fails: it wants round prices.")

    monkeypatch.setattr(stress, "noisy", refuse)
    runs, failures = stress_tests(Series(candles()), WINDOW, SETTINGS, STRATEGY, outcome.chosen)
    assert set(failures) == {f"price_noise_{draw}" for draw in range(NOISE_DRAWS)}
    failing = replace(outcome, stress=runs, stress_failures=failures)
    results = {each.name: each for each in stress_results([failing], SETTINGS.execution, candles().timeframe.periods_per_year)}
    assert results["price_noise"].reason == "strategy picky fails: it wants round prices."
    assert math.isnan(results["price_noise"].net_pnl)
    assert all(each.reason is None and math.isfinite(each.net_pnl) for name, each in results.items() if name != "price_noise")


def test_lost_window_trades_nothing_under_stress_either(outcome: WindowOutcome) -> None:
    lost = replace(outcome, lost=True, stress={}, window=replace(WINDOW, index=2))
    still = replace(lost, chosen=replace(outcome.chosen, trades=outcome.chosen.trades.clear(), equity=_still(outcome.chosen.equity)))
    execution, per_year = SETTINGS.execution, candles().timeframe.periods_per_year
    one, both = (stress_results(outcomes, execution, per_year) for outcomes in ([outcome], [outcome, still]))
    assert [each.net_pnl for each in both] == pytest.approx([each.net_pnl for each in one])


def _still(equity: pl.DataFrame) -> pl.DataFrame:
    return equity.with_columns(pl.lit(SETTINGS.execution.initial_capital).alias("equity"), pl.lit(0.0).alias("drawdown_pct"))
