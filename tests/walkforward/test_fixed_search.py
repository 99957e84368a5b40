"""The search with fixed points: what it finds is what single simulations of the very same points say."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from backtest_engine import Simulation
from config import Constraints, ExecutionConfig, OptimizationConfig, OptimizationProfile, StrategyConfig
from core.candles import Candles
from core.market import MarketRules
from optimization import STAGES
from optimization.evaluation import SimulationTrials
from optimization.isolation import mark
from optimization.space import canonical_key, stage_space
from strategies import get_strategy, with_params
from tests.optimization.executors.work import deadly_strategy
from tests.walkforward.markets import NEVER, SEARCH, STRATEGY, candles
from walkforward.fixed_search import MOST_POINTS, FixedSearch, FixedSearchSettings

SETTINGS = FixedSearchSettings(STRATEGY, 1.0, SEARCH, ExecutionConfig(), MarketRules(), 42, share=0.2)
FRAGILE = """
from strategies.hybrid_trend import HybridTrend

class Fragile(HybridTrend):
    name = "fragile"

    def signals(self, candles, params):
        if params["rsi_period"] != 4:
            raise RuntimeError("no")
        return super().signals(candles, params)

    def conditions(self, columns, rows):
        if any(params["rsi_period"] != 4 for params in rows):
            raise RuntimeError("no")
        return super().conditions(columns, rows)

STRATEGY = Fragile()
"""


def settings(**changes: object) -> FixedSearchSettings:
    return replace(SETTINGS, optimization=SEARCH.replace(**changes))


def alone(series: Candles, config: StrategyConfig, first_bar: int = 0) -> float:
    """Return the Sharpe ratio of one whole simulation, -inf where such a trial could not win."""
    metrics = Simulation(series, config, 1.0, ExecutionConfig(), MarketRules(), first_bar).run().metrics
    sound = metrics.total_trades >= SEARCH.min_trades and not metrics.ruined and math.isfinite(metrics.sharpe_ratio)
    return metrics.sharpe_ratio if sound else -math.inf


@pytest.mark.parametrize("first_bar", [0, 240])
def test_best_of_every_stage_is_that_of_single_simulations(first_bar: int) -> None:
    series, search = candles(20), FixedSearch(SETTINGS)
    config, best = STRATEGY, -math.inf
    for stage in STAGES:
        tried = [with_params(config, point) for point in search.points(stage, config)]
        found = [alone(series, each, first_bar) for each in tried]
        config, best = tried[found.index(max(found))], max(found)
    result = search.best(series, None, first_bar)
    assert math.isfinite(best)
    assert (result.config, result.value) == (config, best)  # bit for bit
    assert result.trials == sum(SETTINGS.most_points(stage) for stage in STAGES)


def test_points_are_those_of_the_stage_all_different_the_base_first_and_the_same_for_equal_seeds() -> None:
    search = FixedSearch(replace(SETTINGS, share=1.0))
    for stage in STAGES:
        space = stage_space(stage, get_strategy(STRATEGY.name), STRATEGY, SEARCH.profile.relative_range)
        points = list(search.points(stage, STRATEGY))
        assert points[0] == space.base
        assert len({canonical_key(point) for point in points}) == len(points) == min(search.settings.most_points(stage), space.size)
        assert all(space.indices(point) is not None for point in points)
        assert points == list(FixedSearch(replace(SETTINGS, share=1.0)).points(stage, STRATEGY))
    other = FixedSearch(replace(SETTINGS, share=1.0, seed=43))
    assert list(other.points("7.2", STRATEGY)) != list(search.points("7.2", STRATEGY))


def test_base_off_the_grid_is_tried_all_the_same() -> None:
    off = STRATEGY.replace(atr_sl_multiplier=1.55)
    assert next(FixedSearch(replace(SETTINGS, strategy=off)).points("7.2", off))["atr_sl_multiplier"] == 1.55


def test_budget_is_that_of_the_run_up_to_a_limit_and_a_share_of_it_on_request() -> None:
    def budget(share: float = 1.0, **changes: object) -> list[int]:
        return [replace(settings(**changes), share=share).most_points(stage) for stage in STAGES]

    assert budget(profile=OptimizationProfile.BALANCED) == [150, 150, 50]
    assert budget(trials=90) == [90, 90, 30]
    assert budget(trials=100_000) == [MOST_POINTS, MOST_POINTS, MOST_POINTS // 3]
    assert budget(1 / 3, profile=OptimizationProfile.BALANCED) == [50, 50, 17]
    assert budget(0.001) == [2, 2, 2]


def test_what_cannot_win_in_a_search_cannot_win_here() -> None:
    series = candles(20)
    free = FixedSearch(SETTINGS).best(series)
    assert math.isfinite(free.value)
    for hindered in (settings(min_trades=1000), replace(SETTINGS, strategy=NEVER), settings(constraints=Constraints(max_drawdown=1e-6))):
        found = FixedSearch(hindered).best(series)
        assert math.isnan(found.value)
        assert found.config == hindered.strategy
    deepest = Simulation(series, free.config, 1.0, ExecutionConfig()).run().metrics.max_drawdown
    kept = FixedSearch(settings(constraints=Constraints(max_drawdown=-0.9 * deepest))).best(series)
    assert math.isfinite(kept.value)
    assert Simulation(series, kept.config, 1.0, ExecutionConfig()).run().metrics.max_drawdown >= 0.9 * deepest


def test_ruin_cannot_win() -> None:
    search, series = FixedSearch(replace(SETTINGS, order_qty=1.0)), candles(20)
    trials = SimulationTrials(series, STRATEGY, 1.0, ExecutionConfig(), MarketRules())
    outcome = trials.start([{"ema_fast": 5}]).advance([0], trials.bars)[0]
    assert isinstance(outcome, dict)
    assert math.isfinite(search.value_of(outcome, trials.bars))
    assert math.isnan(search.value_of(outcome | {"ruined": True}, trials.bars))


def test_a_point_that_fails_does_not_win_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "fragile.py"
    path.write_text(FRAGILE)
    found = FixedSearch(replace(SETTINGS, strategy=STRATEGY.replace(name=str(path)))).best(candles(20))
    assert math.isfinite(found.value)
    assert found.config.rsi_period == 4


def test_a_point_that_ends_its_process_does_not_win_where_the_study_is_marked_and_the_others_go_on(tmp_path: Path) -> None:
    strategy, series = STRATEGY.replace(name=deadly_strategy(tmp_path)), candles(20)
    mark(tmp_path)
    search, sound = FixedSearch(replace(SETTINGS, strategy=strategy), tmp_path), FixedSearch(SETTINGS)
    deadly_trials, sound_trials = (
        SimulationTrials(series, config, 1.0, ExecutionConfig(), MarketRules()) for config in (strategy, STRATEGY)
    )
    points = list(search.points("7.1", strategy))
    values = search.values(deadly_trials, points)
    expected = [
        math.nan if point["ema_fast"] == 6 else value for point, value in zip(points, sound.values(sound_trials, points), strict=True)
    ]
    assert repr(values) == repr(expected)
    assert {6} < {point["ema_fast"] for point in points}
    assert math.isfinite(search.best(series).value)


def test_objective_is_the_first_of_the_run_or_sharpe_where_more_than_a_run_tells_it(tmp_path: Path) -> None:
    own = tmp_path / "mine.py"
    own.write_text("def objective(metrics):\n    return -float(metrics['total_trades'])\n")
    names = ["calmar", "sharpe_quartile", "net_pnl_plateau", ("expectancy", "sharpe"), str(own)]
    assert [settings(objective=name, optuna_sampler="qmc").objective for name in names] == [
        "calmar", "sharpe", "sharpe", "expectancy", str(own),
    ]  # fmt: skip
    series = candles(20)
    fewest = FixedSearch(settings(objective=str(own))).best(series)
    assert fewest.value == -Simulation(series, fewest.config, 1.0, ExecutionConfig()).run().metrics.total_trades
    richest = FixedSearch(settings(objective="net_pnl")).best(series)
    assert richest.value == Simulation(series, richest.config, 1.0, ExecutionConfig()).run().metrics.net_pnl


def test_an_objective_that_raises_makes_a_trial_invalid(tmp_path: Path) -> None:
    own = tmp_path / "broken.py"
    own.write_text("def objective(metrics):\n    return 1 / 0\n")
    assert math.isnan(FixedSearch(settings(objective=str(own))).best(candles(20)).value)


def test_orders_fill_on_the_strategys_own_bars() -> None:
    finer = replace(SETTINGS, execution=ExecutionConfig(detail_timeframe="1m"))
    assert FixedSearch(finer).best(candles(20)) == FixedSearch(SETTINGS).best(candles(20))


def test_nothing_to_vary_is_the_base_alone() -> None:
    fixed = STRATEGY.replace(enable_hybrid_engine=False)
    assert list(FixedSearch(replace(SETTINGS, strategy=fixed)).points("7.3", fixed)) == [{}]
    search = FixedSearch(replace(SETTINGS, strategy=fixed, optimization=OptimizationConfig(min_trades=3)))
    assert math.isfinite(search.best(candles(20)).value)
