"""Parameter importance: a share where there is one, a reason where there is none, never a zero in its place."""

import math
from itertools import product

import pytest

from optimization.importance import FEWEST_POINTS, Importance, importance_of
from optimization.space import Dimension, SearchSpace
from tests.optimization.fakes import noise

SPACE = SearchSpace(tuple(Dimension(name, "int", 0, last, 1) for name, last in (("a", 7), ("b", 5), ("fixed", 0), ("c", 4))), {})
Point = tuple[int, ...]
POINTS: list[Point] = [(a, b, 0, c) for a, b, c in product(range(8), range(6), range(5))]


def of(values: dict[Point, float], trials: dict[Point, float] | None = None) -> Importance:
    return importance_of(SPACE, trials or {}, values, seed=1)


def test_parameters_are_ranked_by_what_they_explain_and_one_without_choice_has_no_share() -> None:
    found = of({point: 1.0 * point[0] + 5.0 * point[3] for point in POINTS})
    assert found.reason is None
    assert found.ranked == ("c", "a", "b")
    assert math.isnan(found.shares["fixed"])
    assert found.shares["b"] < 0.01
    assert sum(found.shares[name] for name in found.ranked) + found.interactions == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, f"0 valid points are too few: it takes {FEWEST_POINTS}"),
        ({point: float(point[0]) for point in POINTS[: FEWEST_POINTS - 1]}, "29 valid points are too few"),
        (dict.fromkeys(POINTS, 1.5), "the objective has the same value everywhere"),
        ({point: noise("white", point) for point in POINTS}, "the model predicts no better than the mean"),
    ],
)
def test_what_is_undefined_says_why_and_is_never_zero(values: dict[Point, float], reason: str) -> None:
    found = of(values)
    assert reason in (found.reason or "")
    assert all(math.isnan(share) for share in (*found.shares.values(), found.interactions))
    assert found.ranked == ()


def test_trials_and_points_beside_them_count_once() -> None:
    values = {point: float(point[0]) for point in POINTS}
    trials = dict(list(values.items())[:40])
    found = of(values, trials)
    assert (found.points, found.trials) == (len(POINTS), 40)


def test_the_record_has_every_figure() -> None:
    record = of({point: float(point[0]) for point in POINTS}).as_dict()
    assert record["method"] == "fanova"
    assert set(record) == {"method", "shares", "interactions", "explained", "points", "trials", "reason"}
    assert list(record["shares"]) == ["a", "b", "fixed", "c"]
