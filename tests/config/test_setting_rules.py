"""Settings that contradict each other are refused: averages, windows, fidelity levels, dates, mode and markets."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from config import Distance, ExecutionConfig, OptimizationConfig, RunConfig, RunMode, SizingMethod, StrategyConfig, WalkForwardConfig
from core.errors import ConfigError
from tests.config.build import execution_config, optimization_config, run_config

MARKETS = [{"exchange": "LOCAL", "symbol": "X"}, {"exchange": "LOCAL", "symbol": "Y", "timeframe": "4h", "order_qty": 2}]


@pytest.mark.parametrize("fast", [50, 60])
def test_fast_average_must_be_below_the_slow_one(fast: int) -> None:
    with pytest.raises(ConfigError, match=f"ema_fast = {fast} must be below ema_slow = 50"):
        StrategyConfig(ema_fast=fast)


@pytest.mark.parametrize("slow", [200, 300])
def test_slow_average_must_be_below_the_trends(slow: int) -> None:
    with pytest.raises(ConfigError, match=rf"ema_slow = {slow} must be below ema_trend = 200 \(or switch enable_trend_filter off\)"):
        StrategyConfig(ema_slow=slow)
    assert StrategyConfig(ema_slow=slow, enable_trend_filter=False).ema_slow == slow


def test_fast_average_must_be_below_the_slow_one_also_without_trend_filter() -> None:
    with pytest.raises(ConfigError, match="ema_fast = 50 must be below ema_slow = 50"):
        StrategyConfig(ema_fast=50, enable_trend_filter=False)


def test_windows_may_not_overlap_out_of_sample() -> None:
    with pytest.raises(ConfigError, match=r"stride_days = 10 must be at least oos_length_days = 20: .* count the same days twice"):
        WalkForwardConfig(stride_days=10)
    assert WalkForwardConfig(stride_days=30).stride_days == 30
    assert WalkForwardConfig(stride_days=10, oos_length_days=10).stride_days == 10


BAD_LEVELS: list[tuple[float, ...]] = [
    (),
    (0.5,),
    (0.0, 1.0),
    (-0.1, 1.0),
    (0.5, 0.5, 1.0),
    (0.6, 0.3, 1.0),
    (0.5, 1.5),
    (1.0, 1.0),
    (1.0, 0.5),
]


@pytest.mark.parametrize("levels", BAD_LEVELS)
def test_fidelity_levels_must_rise_to_one(levels: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match=r"fidelity_levels = \[.*\] must rise strictly from above 0 to 1.0, e.g. \[0.33, 0.66, 1.0\]"):
        OptimizationConfig(fidelity_levels=levels)


@pytest.mark.parametrize("sampler", ["gp", "nsga2", "nsga3"])
def test_who_learns_from_values_sees_all_bars(sampler: str) -> None:
    assert optimization_config(optuna_sampler=sampler).levels == (1.0,)
    assert optimization_config(optuna_sampler="cmaes").levels == (0.33, 0.66, 1.0)


@pytest.mark.parametrize("sampler", ["tpe", "gp", "cmaes", "nsga2", "nsga3"])
def test_who_learns_from_batch_to_batch_takes_no_large_ones(sampler: str) -> None:
    assert optimization_config(optuna_sampler=sampler, batch=1024).batch == 1024
    with pytest.raises(ConfigError, match=f"batch = 1025 is too large for {sampler}, .*: 1024 at most. Use qmc, random, grid"):
        optimization_config(optuna_sampler=sampler, batch=1025)
    with pytest.raises(ConfigError, match=f"batch = 1025 is too large for {sampler}"):
        optimization_config(optuna_sampler="qmc", walkforward_sampler=sampler, batch=1025)


@pytest.mark.parametrize("sampler", ["qmc", "random", "grid"])
def test_who_does_not_learn_takes_large_batches(sampler: str) -> None:
    assert optimization_config(optuna_sampler=sampler, batch=65_536).batch == 65_536


def test_trials_are_the_profiles_unless_they_are_given_and_timeouts_get_a_third() -> None:
    assert [OptimizationConfig().stage_trials(), OptimizationConfig().stage_trials(timeouts=True)] == [150, 50]
    assert [OptimizationConfig(trials=700).stage_trials(timeouts=each) for each in (False, True)] == [700, 233]
    assert OptimizationConfig(trials=1).stage_trials(timeouts=True) == 1


def test_a_gaussian_process_gets_50_trials_at_most_and_more_are_refused_when_they_are_asked_for() -> None:
    config = OptimizationConfig(optuna_sampler="gp")
    assert [config.stage_trials(), config.stage_trials(timeouts=True)] == [50, 50]
    assert OptimizationConfig(optuna_sampler="gp", trials=30).stage_trials() == 30
    with pytest.raises(ConfigError, match="trials = 51 is too many for gp, which gets slower with each of them: 50 at most"):
        OptimizationConfig(optuna_sampler="gp", trials=51)


def test_windows_are_searched_by_the_same_sampler_but_by_a_gaussian_process_only_when_told_so() -> None:
    assert OptimizationConfig(optuna_sampler="cmaes").in_windows().optuna_sampler == "cmaes"
    assert OptimizationConfig(optuna_sampler="gp").in_windows().optuna_sampler == "tpe"
    assert OptimizationConfig(optuna_sampler="gp", walkforward_sampler="gp").in_windows().optuna_sampler == "gp"
    assert OptimizationConfig(walkforward_sampler="qmc").in_windows().stage_trials() == 150


@pytest.mark.parametrize("levels", [(1.0,), (0.1, 1.0), (0.01, 0.02, 0.5, 1.0)])
def test_any_rising_levels_will_do(levels: tuple[float, ...]) -> None:
    assert OptimizationConfig(fidelity_levels=levels).levels == levels


def test_without_multi_fidelity_every_trial_sees_all_bars() -> None:
    assert OptimizationConfig(multi_fidelity=False).levels == (1.0,)


def test_mode_multi_needs_markets() -> None:
    with pytest.raises(ConfigError, match="mode MULTI needs markets: a list of {exchange, symbol, timeframe, order_qty}"):
        RunConfig(mode=RunMode.MULTI)


def test_mode_single_refuses_markets() -> None:
    with pytest.raises(ConfigError, match="markets are for mode MULTI; in mode SINGLE set exchange, symbol, timeframe and order_qty"):
        run_config(markets=MARKETS)


def test_markets_of_a_run_are_those_of_its_mode() -> None:
    multi = run_config(mode="MULTI", markets=MARKETS, symbol="unused")
    assert [(m.symbol, m.timeframe, m.order_qty) for m in multi.all_markets] == [("X", "1h", 0.1), ("Y", "4h", 2.0)]
    single = RunConfig(exchange="LOCAL", symbol="Z", timeframe="5m", order_qty=3)
    assert [(m.exchange, m.symbol, m.timeframe, m.order_qty) for m in single.all_markets] == [("LOCAL", "Z", "5m", 3.0)]


KOLKATA = timezone(timedelta(hours=5, minutes=30))
JANUARY_MS = 1_704_067_200_000  # 2024-01-01 00:00 UTC
JANUARY: list[Any] = [
    date(2024, 1, 1),
    datetime(2024, 1, 1),
    datetime(2024, 1, 1, tzinfo=UTC),
    datetime(2024, 1, 1, 5, 30, tzinfo=KOLKATA),
    "2024-01-01",
    "20240101",
    "2024-01-01T00:00",
    "2024-01-01 00:00:00",
    "2024-01-01T00:00:00Z",
    "2024-01-01T05:30:00+05:30",
]


@pytest.mark.parametrize("moment", JANUARY, ids=repr)
def test_dates_of_every_form_are_utc(moment: Any) -> None:
    run = RunConfig(start=moment)
    assert run.start == datetime(2024, 1, 1, tzinfo=UTC)
    assert run.start is not None
    assert run.start.tzinfo is UTC
    assert run.start_ms == JANUARY_MS


def test_without_dates_the_data_decides() -> None:
    assert (RunConfig().start_ms, RunConfig().end_ms) == (None, None)


@pytest.mark.parametrize("text", ["yesterday", "2024-13-01", "2024-02-30", "01.02.2024", "2024", ""])
def test_text_that_is_no_date_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ConfigError, match=f"end: '{text}' is no date: write 2024-01-31 or 2024-01-31T12:00"):
        run_config(end=text)


@pytest.mark.parametrize("number", [2024, 20240101, 1_704_067_200_000, 0, 1.5, True])
def test_numbers_are_no_dates(number: Any) -> None:
    with pytest.raises(ConfigError, match=f"start: {number} is a number and no date: write 2024-01-31"):
        RunConfig(start=number)


@pytest.mark.parametrize(
    ("start", "end"), [("2024-02-01", "2024-01-01"), ("2024-01-01", "2024-01-01"), ("2024-01-01T00:00Z", "2024-01-01T05:30+05:30")]
)
def test_start_must_be_before_end(start: str, end: str) -> None:
    with pytest.raises(ConfigError, match=r"start = .* must be before end = 2024-01-01 00:00 \(the end is exclusive\)"):
        run_config(start=start, end=end)


def test_top_is_one_of_two_ways_to_choose_several_markets() -> None:
    top = {"exchange": "binance", "quote": "usdc", "limit": 3}
    found = run_config(mode="multi", top=top)
    assert found.top is not None
    assert (found.top.exchange, found.top.quote, found.top.limit, found.top.timeframe) == ("BINANCE", "USDC", 3, "1h")
    assert (found.all_markets, found.exchanges, found.has_several_markets) == ((), ("BINANCE",), True)
    with pytest.raises(ConfigError, match="markets and top are two ways to choose"):
        run_config(mode="MULTI", top=top, markets=MARKETS)
    with pytest.raises(ConfigError, match="top is for mode MULTI"):
        run_config(top=top)
    with pytest.raises(ConfigError, match=r"top\.limit = 51 is not allowed: must be a whole number from 1 to 50"):
        run_config(mode="MULTI", top=top | {"limit": 51})


def test_slippage_may_not_exceed_its_cap() -> None:
    with pytest.raises(ConfigError, match=r"slippage = 0.02 is above slippage_cap = 0.01: raise the cap"):
        ExecutionConfig(slippage=0.02, slippage_cap=0.01)
    assert ExecutionConfig(slippage=0.02, slippage_cap=0.02).slippage == 0.02


@pytest.mark.parametrize("margin", [0.05, 0.06])
def test_a_full_entry_may_not_be_liquidated_at_once(margin: float) -> None:
    with pytest.raises(ConfigError, match=r"at leverage = 20 liquidates a full entry at once: .* below 1 / leverage = 0.05"):
        ExecutionConfig(leverage=20, maintenance_margin=margin)
    assert ExecutionConfig(leverage=20, maintenance_margin=0.049).maintenance_margin == 0.049


def test_risk_needs_a_stop() -> None:
    with pytest.raises(ConfigError, match=r"execution.sizing = risk needs a stop to risk: set strategy.stop_type to atr or percent"):
        RunConfig(execution=ExecutionConfig(sizing=SizingMethod.RISK), strategy=StrategyConfig(stop_type=Distance.NONE))


def test_methods_and_types_are_taken_in_any_case_and_wrong_ones_refused() -> None:
    assert execution_config(sizing="KELLY").sizing is SizingMethod.KELLY
    assert run_config(strategy={"stop_type": "Percent"}).strategy.stop_type is Distance.PERCENT
    with pytest.raises(ConfigError, match="sizing = 'martingale' is not allowed: .*'fixed', 'equity', 'risk', 'volatility' or 'kelly'"):
        execution_config(sizing="martingale")


@pytest.mark.parametrize(("detail", "decision"), [("1m", "1h"), ("15m", "15m"), ("1h", "1d"), ("1d", "1w")])
def test_detail_divides_the_timeframe(detail: str, decision: str) -> None:
    assert run_config(timeframe=decision, execution={"detail_timeframe": detail}).execution.detail_timeframe == detail


def test_detail_must_be_finer_in_every_market() -> None:
    with pytest.raises(ConfigError, match="execution.detail_timeframe = 4h does not divide the timeframe 1h of BTCUSDT: take a finer one"):
        run_config(execution={"detail_timeframe": "4h"})
    with pytest.raises(ConfigError, match="does not divide the timeframe 1h of X"):
        run_config(mode="MULTI", markets=MARKETS, execution={"detail_timeframe": "4h"})
    top = {"exchange": "BINANCE", "quote": "USDT", "limit": 3, "timeframe": "15m"}
    with pytest.raises(ConfigError, match="does not divide the timeframe 15m of the 3 largest of BINANCE against USDT: take a finer one"):
        run_config(mode="MULTI", top=top, execution={"detail_timeframe": "1h"})
    with pytest.raises(ConfigError, match="execution.detail_timeframe: '2h' is not known"):
        run_config(execution={"detail_timeframe": "2h"})
