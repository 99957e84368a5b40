"""The gate on the winner's surroundings: the stage that keeps least counts, and what cannot be judged is no plateau."""

from typing import Any

import pytest

from config import VerdictConfig
from optimization.neighbourhood.group import Group
from optimization.neighbourhood.study import Neighbourhood
from optimization.neighbourhood.verdict import Scale
from reporting.gate import Gate
from reporting.gates import Evidence, judge_gates
from tests.reporting.runs import optimization, walkforward
from tests.reporting.significance import significance


def group(points: int, median: float) -> Group:
    return Group(points, {"complete": points}, median, median, median, 1.0, 0.0)


def neighbourhood(value: float, plateau: float, *, neutral: float = 0.0, points: int = 20, label: str = "sharpe") -> dict[str, Any]:
    """Return the record that a stage writes."""
    steps, nothing = group(points, plateau), group(0, float("nan"))
    return Neighbourhood(Scale(label, neutral), value, "plateau", "", True, (), steps, nothing, nothing, ()).as_dict()


def judged(**stages: dict[str, Any] | None) -> Gate:
    """Return the gate for these neighbourhoods of the stages ``s1``, ``s2`` and ``s3``; None: the stage has none."""
    content = optimization()
    for name, found in stages.items():
        stage = {key: value for key, value in content["stages"]["7.1"].items() if key != "neighbourhood"}
        content["stages"][f"7.{name[1]}"] = stage if found is None else stage | {"neighbourhood": found}
    gates = judge_gates(Evidence(walkforward(), content, significance()), VerdictConfig())
    return next(gate for gate in gates if gate.name == "plateau")


def test_the_stage_that_keeps_least_counts() -> None:
    gate = judged(s1=neighbourhood(1.0, 0.9), s2=neighbourhood(2.0, 1.0), s3=neighbourhood(2.0, 1.8))
    assert gate.value == pytest.approx(0.5)
    assert not gate.passed
    assert "stage 7.2 keep 50 % of the winner's Sharpe ratio" in gate.sentence


def test_what_is_kept_is_measured_from_the_neutral_value_as_the_search_does() -> None:
    found = neighbourhood(2.0, 1.5, neutral=1.0, label="profit_factor")
    gate = judged(s1=found, s2=None, s3=None)
    assert gate.value == pytest.approx(Scale("profit_factor", 1.0).kept(1.5, 2.0))
    assert "profit factor" in gate.sentence


def test_no_unit_of_the_objective_has_a_say() -> None:
    values = {judged(s1=neighbourhood(2.0 * unit, 1.5 * unit), s2=None, s3=None).value for unit in (1.0, 1024.0, 2.0**-10)}
    assert values == {0.75}


def test_neighbours_that_lose_keep_nothing() -> None:
    gate = judged(s1=neighbourhood(1.0, -0.4), s2=None, s3=None)
    assert gate.value == pytest.approx(-0.4)
    assert "keep nothing of the winner's" in gate.sentence


def test_winner_that_does_not_earn_keeps_nothing() -> None:
    """That is a number: on noise it happens often, and says what it has to say."""
    gate = judged(s1=neighbourhood(-0.5, -0.6), s2=neighbourhood(1.0, float("nan")), s3=neighbourhood(1.0, 0.9))
    assert gate.value == 0.0
    assert not gate.passed
    assert gate.reason is None
    assert "of stage 7.1's winner is -0.50: it does not earn" in gate.sentence


def test_stage_without_winner_or_without_other_points_is_passed_over() -> None:
    nothing = neighbourhood(float("nan"), float("nan"), points=0)
    gate = judged(s1=neighbourhood(1.0, 0.8), s2=nothing, s3=neighbourhood(1.0, float("nan"), points=0))
    assert gate.value == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (neighbourhood(1.0, float("nan")), "half or more of the points within two steps of stage 7.1's winner have no valid result"),
        (neighbourhood(float("nan"), float("nan"), points=0), "no stage of the search has a winner with other points around it"),
        (None, "optimization.neighbourhood is off"),
    ],
)
def test_surroundings_that_cannot_be_judged_fail_with_a_reason(found: dict[str, Any] | None, why: str) -> None:
    gate = judged(s1=found, s2=None, s3=None)
    assert gate.value is None
    assert not gate.passed
    assert gate.reason is not None
    assert why in gate.reason
