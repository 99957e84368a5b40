"""The plateau score against single backtests of every neighbour."""

import math
import statistics

import pytest

from backtest_engine import Simulation
from config import Constraints, ExecutionConfig
from core.market import MarketRules
from optimization.evaluation import SimulationTrials
from optimization.ledger import TrialLedger
from optimization.neighbourhood.steps import neighbours
from optimization.objectives.plateau import PlateauTrials, median
from optimization.search import SearchPlan, best_of, search, with_plateaus
from optimization.space import Dimension, SearchSpace
from strategies import with_params
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, metrics, plan
from tests.optimization.market import CANDLES, CONFIG

SMALL = SearchSpace((Dimension("ema_fast", "int", 10, 24, 1), Dimension("rsi_period", "int", 9, 20, 1)), {"ema_fast": 20, "rsi_period": 14})
LINE = SearchSpace((Dimension("x", "int", 0, 20, 1),), {"x": 10})


def line(values: dict[int, Metrics], **changes: int) -> tuple[PlateauTrials, FakeTrials]:
    trials = FakeTrials(lambda params, share: values[int(params["x"])])
    return PlateauTrials(trials, LINE, {"sharpe_plateau": "sharpe_ratio"}, changes.get("min_trades", 0)), trials


def plateau_at(place: int, values: dict[int, Metrics], **changes: int) -> float:
    trials, _ = line(values, **changes)
    (found,) = trials.start([{"x": place}]).advance([0], 900)
    assert not isinstance(found, Exception)
    return float(found["sharpe_plateau"])


def test_score_is_the_median_of_single_backtests_of_all_neighbours() -> None:
    inner = SimulationTrials(CANDLES, CONFIG, 0.1, ExecutionConfig(), MarketRules())
    points: list[dict[str, bool | int | float]] = [{"ema_fast": 20, "rsi_period": 14}, {"ema_fast": 10, "rsi_period": 9}]
    trials = PlateauTrials(inner, SMALL, {"sharpe_plateau": "sharpe_ratio"}, 1)
    for point, found in zip(points, trials.start(points).advance([0, 1], inner.bars), strict=True):
        assert not isinstance(found, Exception)
        indices = SMALL.indices(point)
        assert indices is not None
        around = [SMALL.params(each) for each in neighbours(SMALL, indices)]
        runs = [Simulation(CANDLES, with_params(CONFIG, each), 0.1, ExecutionConfig(), MarketRules()).run() for each in around]
        assert found["sharpe_plateau"] == statistics.median(run.sharpe_ratio for run in runs)
        own = Simulation(CANDLES, with_params(CONFIG, point), 0.1, ExecutionConfig(), MarketRules()).run()
        assert found["sharpe_ratio"] == own.sharpe_ratio


def test_a_lonely_peak_is_worth_what_lies_around_it() -> None:
    values = {x: metrics(9.0 if x == 5 else 1.0) for x in range(21)}
    assert plateau_at(5, values) == 1.0
    assert plateau_at(12, values) == 1.0


@pytest.mark.parametrize("bad", [metrics(math.nan), metrics(9.0, ruined=True), metrics(9.0, trades=3)])
def test_a_neighbour_that_could_not_win_counts_as_worse_than_all(bad: Metrics) -> None:
    values = {x: metrics(float(x)) for x in range(21)} | {12: bad}
    assert plateau_at(10, values, min_trades=5) == (8.0 + 9.0) / 2  # of nothing, 8, 9, 11


def test_a_median_that_falls_on_a_bad_neighbour_is_undefined() -> None:
    values = {x: metrics(math.nan if x in (8, 9) else 1.0) for x in range(21)}
    assert math.isnan(plateau_at(10, values))


def test_few_trades_of_a_neighbour_are_judged_at_full_fidelity_only() -> None:
    trials, _ = line({x: metrics(float(x), trades=3) for x in range(21)}, min_trades=5)
    heat = trials.start([{"x": 10}])
    (early,), (late,) = heat.advance([0], 450), heat.advance([0], 900)
    assert not isinstance(early, Exception)
    assert not isinstance(late, Exception)
    assert early["sharpe_plateau"] == 10.0
    assert math.isnan(late["sharpe_plateau"])


def test_a_neighbour_that_fails_does_not_fail_the_trial() -> None:
    def measure(params: Params, share: float) -> Metrics:
        if params["x"] == 12:
            raise RuntimeError("cannot be simulated")
        return metrics(float(params["x"]))

    (found,) = PlateauTrials(FakeTrials(measure), LINE, {"sharpe_plateau": "sharpe_ratio"}, 0).start([{"x": 10}]).advance([0], 900)
    assert not isinstance(found, Exception)
    assert found["sharpe_plateau"] == 8.5


def test_trials_share_their_neighbours_and_no_bar_is_simulated_twice() -> None:
    trials, inner = line({x: metrics(float(x)) for x in range(21)})
    heat = trials.start([{"x": 10}, {"x": 11}])
    assert len(inner.started) == len({each["x"] for each in inner.started}) == 6  # 8 to 13
    heat.advance([0, 1], 300)
    heat.advance([1], 900)
    spans = sorted((first, end) for _, first, end in inner.advances)
    assert spans == [(0, 300)] * 6 + [(300, 900)] * 5  # 9 to 13 go on


def test_a_base_off_the_grid_has_the_grid_point_next_to_it_among_its_neighbours() -> None:
    trials, inner = line({x: metrics(float(x)) for x in range(21)})
    inner.measure = lambda params, share: metrics(float(params["x"]))
    (found,) = trials.start([{"x": 10.4}]).advance([0], 900)
    assert not isinstance(found, Exception)
    assert sorted(float(each["x"]) for each in inner.started) == [8, 9, 10, 10.4, 11, 12]
    assert found["sharpe_plateau"] == 10.0


def test_a_point_without_neighbours_stands_for_itself() -> None:
    inner = FakeTrials(lambda params, share: metrics(2.5))
    empty = PlateauTrials(inner, SearchSpace((), {}), {"sharpe_plateau": "sharpe_ratio"}, 0)
    (found,) = empty.start([{}]).advance([0], 900)
    assert not isinstance(found, Exception)
    assert found["sharpe_plateau"] == 2.5


def test_a_neighbour_that_breaks_a_constraint_counts_as_worse_than_all() -> None:
    values = {x: metrics(float(x)) | {"max_drawdown": -30.0 if x == 12 else -1.0} for x in range(21)}
    inner = FakeTrials(lambda params, share: values[int(params["x"])])
    trials = PlateauTrials(inner, LINE, {"sharpe_plateau": "sharpe_ratio"}, 0, Constraints(max_drawdown=20))
    (found,) = trials.start([{"x": 10}]).advance([0], 900)
    assert not isinstance(found, Exception)
    assert found["sharpe_plateau"] == (8.0 + 9.0) / 2


def ridge(params: Params, share: float) -> Metrics:
    """Return a broad hill at period 30 and one sharp peak at 15."""
    peak = 5.0 if params["period"] == 15 else 0.0
    return metrics(peak + 2.0 - abs(float(params["period"]) - 30.0) / 10.0)


def run(wanted: SearchPlan) -> float:
    trials = with_plateaus(FakeTrials(ridge), wanted)
    winner = best_of(search(wanted, TrialLedger({}), trials))
    assert winner is not None
    assert "sharpe_plateau" not in winner.metrics
    return float(winner.params["period"])


def test_a_search_for_the_plateau_leaves_the_spike_to_a_search_for_the_best() -> None:
    space = SearchSpace(SPACE.dimensions[:1], {"period": 20})
    assert run(plan(sampler="random", budget=60, space=space)) == 15
    assert abs(run(plan(sampler="random", budget=60, space=space, objectives=("sharpe_plateau",))) - 30) <= 1


def test_median_of_an_even_number_is_the_middle_of_the_two() -> None:
    assert median([1.0, 2.0, 4.0, 9.0]) == 3.0
    assert median([1.0, 2.0, 4.0]) == 2.0
    assert math.isnan(median([]))
    assert math.isnan(median([math.nan, 1.0]))
