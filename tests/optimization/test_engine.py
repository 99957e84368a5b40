"""OptimizationEngine: three stages on candles, their results, their files, and their agreement with the backtest."""

import json
import math
from pathlib import Path

import polars as pl
import pytest

from backtest_engine import BacktestEngine
from config import ExecutionConfig, OptimizationConfig, StrategyConfig
from core.candles import Candles
from core.canonical_json import dumps
from core.errors import BacktestError, ConfigError, OptimizationError
from core.paths import Paths
from core.timeframe import Timeframe
from market_data.resample import resample
from optimization import STAGES, OptimizationEngine, SearchProgress, Stage
from strategies import with_params
from tests.optimization.market import CANDLES, CONFIG, FAST, base_of, complete, engine, random_candles


@pytest.fixture(scope="module")
def finished() -> OptimizationEngine:
    """Return an engine all of whose stages have run in memory."""
    optimizer = engine()
    optimizer.optimize_all()
    return optimizer


@pytest.mark.parametrize("stage", STAGES)
def test_every_valid_trial_is_reproduced_exactly_by_a_backtest_of_its_parameters(finished: OptimizationEngine, stage: Stage) -> None:
    assert finished.summary().stages[stage]["best_trial"] is not None
    for record in complete(finished.ledger(stage)):
        again = BacktestEngine(CANDLES, with_params(base_of(finished, stage), record.params)).run().metrics.as_dict()
        assert dumps(dict(record.metrics)) == dumps(again)
        assert all(math.isnan(again[name]) if math.isnan(value) else value == again[name] for name, value in record.metrics.items())


@pytest.mark.parametrize("stage", STAGES)
def test_every_valid_trial_on_detail_bars_is_reproduced_exactly(on_detail: OptimizationEngine, stage: Stage) -> None:
    execution, found = ExecutionConfig(detail_timeframe="1h"), 0
    for record in complete(on_detail.ledger(stage)):
        config = with_params(base_of(on_detail, stage), record.params)
        again = BacktestEngine(on_detail.candles, config, execution=execution, detail=CANDLES).run()
        assert dumps(dict(record.metrics)) == dumps(again.metrics.as_dict())
        assert again.coarse is not None
        found += again.coarse.digest != again.digest
    assert found > 0


@pytest.fixture(scope="module")
def on_detail() -> OptimizationEngine:
    """Return a finished search that decides on four hours and fills on one."""
    candles = resample(CANDLES, Timeframe.parse("4h"))
    execution = ExecutionConfig(detail_timeframe="1h")
    optimizer = OptimizationEngine(candles, CONFIG, opt_config=FAST, execution=execution, detail=CANDLES)
    optimizer.optimize_all()
    return optimizer


def test_fidelities_count_decision_bars(on_detail: OptimizationEngine) -> None:
    bars = {record.bars for stage in STAGES for record in on_detail.ledger(stage)}
    assert max(bars) == len(on_detail.candles) == len(CANDLES) // 4


def test_a_ledger_is_not_resumed_on_other_detail_bars(tmp_path: Path) -> None:
    candles, execution = resample(CANDLES, Timeframe.parse("4h")), ExecutionConfig(detail_timeframe="1h")
    other = random_candles(seed=8)

    def searched(detail: Candles) -> OptimizationEngine:
        return OptimizationEngine(candles, CONFIG, opt_config=FAST, execution=execution, detail=detail, ledger_folder=tmp_path)

    searched(CANDLES).optimize_stage_7_3()
    with pytest.raises(OptimizationError, match="detail"):
        searched(other).optimize_stage_7_3()


@pytest.mark.parametrize("stage", STAGES)
def test_the_winner_on_real_candles_is_reproduced_exactly(shared_data: Path, stage: Stage, real: OptimizationEngine) -> None:
    result = real.summary().stages[stage]
    config = with_params(base_of(real, stage, real_config()), result["best_params"])
    again = BacktestEngine(real.candles, config, execution=ExecutionConfig(slippage=0.001)).run()
    assert dumps(again.metrics.as_dict()) == dumps(result["metrics"])
    assert again.sharpe_ratio == result["best_sharpe"] == result["best_value"]


def real_config() -> StrategyConfig:
    return StrategyConfig(rsi_long_threshold=45.0, rsi_short_threshold=55.0)


@pytest.fixture(scope="module")
def real(shared_data: Path) -> OptimizationEngine:
    frame = pl.read_parquet(shared_data / "candles" / "BINANCE_BTCUSDT_1h.parquet").head(4000)
    candles = Candles.from_frame(frame, "BINANCE", "BTCUSDT", "1h")
    optimizer = OptimizationEngine(candles, real_config(), opt_config=FAST, execution=ExecutionConfig(slippage=0.001))
    optimizer.optimize_all()
    return optimizer


def test_a_stage_returns_what_it_found(finished: OptimizationEngine) -> None:
    result = finished.optimize_stage_7_1()
    records = finished.ledger("7.1")
    assert result["best_trial"] is not None
    best = records[result["best_trial"]]
    assert result["num_trials"] == len(records) == 50
    assert (result["best_value"], result["best_sharpe"]) == (best.value, best.metrics["sharpe_ratio"])
    assert list(result["best_params"]) == ["ema_fast", "ema_slow", "ema_trend", "rsi_period", "atr_period"]
    assert sum(result["states"].values()) == 50
    assert result["bars_simulated"] == sum(record.bars for record in records) < result["bars_full"]
    assert result["bars_full"] == 3000 * (50 - result["states"].get("duplicate", 0))


def test_stages_get_the_trials_of_the_profile(finished: OptimizationEngine) -> None:
    assert [finished.summary().stages[stage]["num_trials"] for stage in STAGES] == [50, 50, 16]


def test_each_stage_fixes_the_best_of_the_former_and_never_falls_behind_it(finished: OptimizationEngine) -> None:
    values = [finished.summary().stages[stage]["best_value"] for stage in STAGES]
    assert values == sorted(values)
    for former, stage in (("7.1", "7.2"), ("7.2", "7.3")):
        first = finished.ledger(stage)[0]  # type: ignore[arg-type]
        assert dumps(dict(first.metrics)) == dumps(finished.summary().stages[former]["metrics"])  # type: ignore[index]


def test_the_final_configuration_holds_the_best_of_every_stage(finished: OptimizationEngine) -> None:
    stages = finished.summary().stages
    expected = CONFIG
    for stage in STAGES:
        expected = with_params(expected, stages[stage]["best_params"])
    assert finished.get_final_config() == expected
    assert BacktestEngine(CANDLES, expected).run().sharpe_ratio == stages["7.3"]["best_value"]


def test_7_2_before_7_1_starts_from_the_base() -> None:
    optimizer = engine()
    optimizer.optimize_stage_7_2()
    first = optimizer.ledger("7.2")[0]
    assert dict(first.params) == {name: getattr(CONFIG, name) for name in first.params}
    assert optimizer.get_final_config().ema_fast == CONFIG.ema_fast


def test_a_stage_runs_once_per_engine(finished: OptimizationEngine) -> None:
    before = finished.get_final_config()
    assert finished.optimize_stage_7_2() is finished.optimize_stage_7_2()
    assert finished.get_final_config() == before


def test_before_any_stage_the_final_configuration_is_the_users() -> None:
    assert engine().get_final_config() == CONFIG


def test_when_no_trial_is_valid_the_base_goes_on() -> None:
    strict = OptimizationConfig(profile="FAST", min_trades=100_000)  # type: ignore[arg-type]
    optimizer = OptimizationEngine(CANDLES, CONFIG, opt_config=strict)
    result = optimizer.optimize_stage_7_1()
    assert math.isnan(result["best_value"])
    assert math.isnan(result["best_sharpe"])
    assert result["best_trial"] is None
    assert result["best_params"] == {name: getattr(CONFIG, name) for name in result["best_params"]}
    assert dumps(result["metrics"]) == dumps(BacktestEngine(CANDLES, CONFIG).run().metrics.as_dict())
    assert optimizer.get_final_config() == CONFIG


@pytest.mark.parametrize("objective", ["sortino", "calmar", "profit_factor", "net_pnl"])
def test_the_objective_asked_for_is_the_one_raised(objective: str) -> None:
    wanted = OptimizationConfig(profile="FAST", min_trades=1, objective=objective)  # type: ignore[arg-type]
    result = OptimizationEngine(CANDLES, CONFIG, opt_config=wanted).optimize_stage_7_3()
    names = {"sortino": "sortino_ratio", "calmar": "calmar_ratio"}
    assert result["best_value"] == result["metrics"][names.get(objective, objective)]


def test_progress_counts_up_to_each_stages_trials() -> None:
    heard: list[SearchProgress] = []
    engine(on_progress=heard.append).optimize_all()
    assert [each.done for each in heard if each.stage == "7.1"] == [8, 16, 24, 32, 40, 48, 50]
    assert [each.done for each in heard if each.stage == "7.3"] == [8, 16]
    assert all(each.window is None for each in heard)


def test_positional_arguments_frames_and_candles_mean_the_same(finished: OptimizationEngine) -> None:
    optimizer = OptimizationEngine(CANDLES.to_polars(), CONFIG, 0.1, "LOCAL", "walk", "1h", FAST)
    assert dumps(optimizer.optimize_stage_7_1()) == dumps(finished.optimize_stage_7_1())


def test_bars_before_the_first_are_for_warming_up_only() -> None:
    optimizer = OptimizationEngine(CANDLES, CONFIG, opt_config=FAST, first_bar=1000)
    optimizer.optimize_stage_7_3()
    base = optimizer.ledger("7.3")[0]
    assert dumps(dict(base.metrics)) == dumps(BacktestEngine(CANDLES, CONFIG, first_bar=1000).run().metrics.as_dict())
    assert {record.bars for record in complete(optimizer.ledger("7.3"))} == {2000}
    assert optimizer.daily_returns("7.3")["date"].min() == int(CANDLES.open_ms[1000]) // 86_400_000 * 86_400_000


def test_results_are_saved_where_asked_else_beside_the_ledger_else_by_market(tmp_path: Path) -> None:
    optimizer = engine()
    optimizer.optimize_stage_7_3()
    assert optimizer.save_results(tmp_path) == tmp_path / "optimization.json"
    assert optimizer.save_results() == Paths.default().results / "local_walk_1h" / "optimization.json"
    saved = json.loads((tmp_path / "optimization.json").read_bytes())
    assert list(saved["stages"]) == ["7.3"]
    assert StrategyConfig(**saved["final_config"]) == optimizer.get_final_config()


def test_nothing_to_show_before_a_stage_ran() -> None:
    optimizer = engine()
    with pytest.raises(OptimizationError, match="no results to save"):
        optimizer.save_results()
    with pytest.raises(OptimizationError, match=r"7.1 has not run: call optimize_stage_7_1\(\)"):
        optimizer.ledger("7.1")
    with pytest.raises(OptimizationError, match="7.2 has not run"):
        optimizer.daily_returns("7.2")


@pytest.mark.parametrize("quantity", [0.0, -1.0, math.nan])
def test_a_wrong_quantity_is_refused_at_once(quantity: float) -> None:
    with pytest.raises(ConfigError, match="order_qty"):
        OptimizationEngine(CANDLES, CONFIG, quantity)


def test_a_first_bar_outside_the_candles_is_refused_at_once() -> None:
    with pytest.raises(BacktestError, match="first_bar"):
        OptimizationEngine(CANDLES, CONFIG, first_bar=3000)


def test_an_unknown_strategy_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="hybrid_trend"):
        OptimizationEngine(CANDLES, CONFIG.replace(name="hybrid_trnd"))
