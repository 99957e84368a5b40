"""All trials of a window, tested again: none is left out, each as it would be alone, and ranked as the textbook does."""

import math
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from backtest_engine import BacktestEngine
from config import ExecutionConfig
from core.market import MarketRules
from optimization import STAGES, OptimizationEngine, TrialRecord
from optimization.isolation import mark
from strategies import with_params
from tests.optimization.executors.work import deadly_strategy
from tests.walkforward.markets import NEVER, SEARCH, STRATEGY, WINDOWS, candles
from walkforward import trial_tests as module
from walkforward.account import Series, StudySettings
from walkforward.trial_tests import different_points, measure_of, rank_correlation, trial_tests
from walkforward.windows import split

SETTINGS = StudySettings(
    STRATEGY, 1.0, SEARCH.replace(trials=24), ExecutionConfig(), MarketRules(), 42, WINDOWS.min_trades_per_window, None
)
WINDOW = split(candles().open_ms, candles().timeframe.ms, WINDOWS)[0]


def searched(settings: StudySettings) -> tuple[OptimizationEngine, tuple[str, ...]]:
    search = OptimizationEngine(
        candles()[: WINDOW.is_end], settings.strategy, 1.0, opt_config=settings.optimization, first_bar=WINDOW.is_start, window=0
    )
    search.optimize_all()
    return search, tuple({name: None for stage in STAGES for name in search.ledger(stage)[0].params})


@pytest.fixture(scope="module")
def search() -> tuple[OptimizationEngine, tuple[str, ...]]:
    return searched(SETTINGS)


def records(search: OptimizationEngine) -> list[TrialRecord]:
    return [record for stage in STAGES for record in search.ledger(stage)]


def test_every_different_trial_is_there_once_whatever_became_of_it(search: tuple[OptimizationEngine, tuple[str, ...]]) -> None:
    engine, names = search
    points = different_points(engine, SETTINGS, names)
    assert {"pruned", "complete"} <= {record.state for record in records(engine)}
    assert len({tuple(point.values()) for point in points}) == len(points)
    assert all(tuple(point) == names for point in points)
    # the base of a stage is the winner of the one before: the same point again
    originals = sum(record.state != "duplicate" for record in records(engine))
    assert originals - len(STAGES) < len(points) <= originals
    assert all(any(record.params.items() <= point.items() for point in points) for record in records(engine))


def test_later_stages_keep_what_the_earlier_ones_found(search: tuple[OptimizationEngine, tuple[str, ...]]) -> None:
    engine, names = search
    best = engine.summary().stages["7.1"]["best_params"]
    last = engine.ledger("7.2")[-1]
    point = next(each for each in different_points(engine, SETTINGS, names) if last.params.items() <= each.items())
    assert best.items() <= point.items()


def test_trials_come_out_as_they_do_alone(search: tuple[OptimizationEngine, tuple[str, ...]]) -> None:
    engine, names = search
    tests = trial_tests(engine, Series(candles()), WINDOW, SETTINGS, names)
    alone = [
        (
            BacktestEngine(candles()[: WINDOW.is_end], with_params(STRATEGY, point), 1.0, first_bar=WINDOW.is_start).run(),
            BacktestEngine(candles()[: WINDOW.oos_end], with_params(STRATEGY, point), 1.0, first_bar=WINDOW.oos_start).run(),
        )
        for point in different_points(engine, SETTINGS, names)
    ]
    sharpes = [(inside.sharpe_ratio, outside.sharpe_ratio) for inside, outside in alone]
    ranked = [pair for pair in sharpes if all(map(math.isfinite, pair))]
    assert (tests.tested, tests.ranked, tests.measure) == (len(alone), len(ranked), "sharpe_ratio")
    assert tests.median_net_pnl == median(outside.net_pnl for _, outside in alone)
    assert tests.median_sharpe == median(outside for _, outside in sharpes if math.isfinite(outside))
    assert tests.rank_correlation == pytest.approx(spearmanr(*zip(*ranked, strict=True)).statistic, abs=1e-12)


def test_parts_change_nothing(search: tuple[OptimizationEngine, tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    engine, names = search
    whole = trial_tests(engine, Series(candles()), WINDOW, SETTINGS, names)
    monkeypatch.setattr(module, "PART", 7)
    assert trial_tests(engine, Series(candles()), WINDOW, SETTINGS, names) == whole


def test_trials_that_end_their_process_are_left_out_where_the_study_is_marked(
    search: tuple[OptimizationEngine, tuple[str, ...]], tmp_path: Path
) -> None:
    engine, names = search
    mark(tmp_path)
    settings = replace(SETTINGS, strategy=STRATEGY.replace(name=deadly_strategy(tmp_path)))
    points = different_points(engine, SETTINGS, names)
    survivors = [point for point in points if point["ema_fast"] != 6]
    assert 0 < len(survivors) < len(points)
    tests = trial_tests(engine, Series(candles()), WINDOW, settings, names, tmp_path)
    alone = [
        BacktestEngine(candles()[: WINDOW.oos_end], with_params(STRATEGY, point), 1.0, first_bar=WINDOW.oos_start).run().net_pnl
        for point in survivors
    ]
    assert (tests.tested, tests.median_net_pnl) == (len(survivors), median(alone))


def test_trials_that_never_trade_have_no_order() -> None:
    settings = StudySettings(NEVER, 1.0, SEARCH, ExecutionConfig(), MarketRules(), 42, 3, None)
    engine, names = searched(settings)
    tests = trial_tests(engine, Series(candles()), WINDOW, settings, names)
    assert tests.tested > 0
    assert tests.ranked == 0
    assert math.isnan(tests.rank_correlation)
    assert math.isnan(tests.median_sharpe)
    assert tests.median_net_pnl == 0.0


@pytest.mark.parametrize(
    ("objective", "measure"),
    [
        ("sharpe", "sharpe_ratio"),
        ("calmar", "calmar_ratio"),
        ("net_pnl_quartile", "net_pnl"),
        ("expectancy_plateau", "expectancy"),
        (("profit_factor", "sharpe"), "profit_factor"),
        ("mine.py", "sharpe_ratio"),
    ],
)
def test_trials_are_ranked_by_what_the_search_was_for(objective: str, measure: str, tmp_path: Path) -> None:
    settings = StudySettings(STRATEGY, 1.0, SEARCH.replace(objective=objective), ExecutionConfig(), MarketRules(), 42, 3, None)
    assert measure_of(settings) == measure


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=40))
def test_rank_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    first, second = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    found = rank_correlation(first, second)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert math.isnan(found)
        return
    assert found == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)
    assert -1 <= found <= 1
    assert rank_correlation(second, first) == pytest.approx(found, abs=1e-15)
    assert rank_correlation(np.exp(first).tolist(), second) == found


def test_rank_correlation_at_its_ends() -> None:
    assert rank_correlation([1.0, 2.0, 3.0], [10.0, 20.0, 30.0]) == 1.0
    assert rank_correlation([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]) == -1.0
    assert math.isnan(rank_correlation([1.0, 2.0], [1.0, 2.0]))
