"""What the terminal says about the winners' surroundings."""

from config import StrategyConfig
from optimization import OptimizationSummary, StageResult
from pipeline.surroundings_tables import surroundings_tables
from tests.optimization.neighbourhood.surfaces import Surface, constant, spike, study


def stage(surface: Surface | None) -> StageResult:
    result = StageResult(
        best_value=2.0, best_sharpe=2.0, best_params={}, best_trial=0, num_trials=1, states={"complete": 1}, metrics={},
        bars_simulated=1, bars_full=1,
    )  # fmt: skip
    if surface is not None:
        found, importance = study(surface)
        result |= {"neighbourhood": found.as_dict(), "importance": importance.as_dict()}
    return result


def test_a_spike_is_a_warning_with_its_reason_and_a_plateau_is_called_one() -> None:
    around, importance = surroundings_tables(OptimizationSummary({"7.1": stage(spike), "7.2": stage(constant)}, StrategyConfig()))
    assert [row[:4] for row in around.rows] == [("7.1", "warning: sharp spike", "2.000", "0.300"), ("7.2", "plateau", "1.500", "1.500")]
    assert "7.1: A sharp spike: small changes of the parameters lose most of the result." in around.note
    assert "7.2:" not in around.note
    assert importance.rows[1][1] == "undefined: the objective has the same value everywhere"
    assert importance.rows[1][2:] == ("n/a", "n/a")


def test_nothing_is_shown_where_nobody_looked() -> None:
    assert surroundings_tables(OptimizationSummary({"7.1": stage(None)}, StrategyConfig())) == []
