"""The front against a definition that compares everybody with everybody; the knee and its words."""

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimization.objectives.pareto import Front, explanation, knee, point_of, stretched
from optimization.search import best_of
from optimization.trial_record import TrialRecord
from tests.optimization.objectives.trials import trial

# Few different numbers, so that ties and equal points are common.
COARSE = st.integers(-3, 3).map(float)
FINE = st.floats(-1e6, 1e6, allow_nan=False)


def points(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[tuple[float, ...]]]:
    return st.integers(2, 4).flatmap(lambda size: st.lists(st.tuples(*[values] * size), min_size=1, max_size=30))


def trials(values: Sequence[tuple[float, ...]]) -> list[TrialRecord]:
    return [trial(number, point) for number, point in enumerate(values)]


def oracle(values: list[tuple[float, ...]]) -> list[int]:
    """Return who is beaten by nobody, by the definition; of equal points the first."""

    def beats(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
        better = any(a > b for a, b in zip(one, other, strict=True))
        return better and not any(a < b for a, b in zip(one, other, strict=True))

    return [
        number
        for number, point in enumerate(values)
        if not any(beats(other, point) for other in values) and point not in values[:number]
    ]  # fmt: skip


@given(points(COARSE) | points(FINE))
def test_front_holds_exactly_the_trials_that_nobody_beats(values: list[tuple[float, ...]]) -> None:
    assert [each.trial for each in Front(trials(values)).trials] == oracle(values)


@given(points(COARSE), st.integers(1, 7))
def test_front_is_the_same_whole_or_batch_by_batch(values: list[tuple[float, ...]], batch: int) -> None:
    front, kept = Front(), list[TrialRecord]()
    for start in range(0, len(values), batch):
        front.add(trials(values)[start : start + batch])
        kept = Front([*kept, *trials(values)[start : start + batch]]).trials
    assert front.trials == kept == Front(trials(values)).trials


@given(points(COARSE), st.lists(st.tuples(st.integers(-6, 6), st.integers(-8, 8)), min_size=4, max_size=4))
def test_knee_stays_when_an_objective_is_measured_in_another_unit(values: list[tuple[float, ...]], units: list[tuple[int, int]]) -> None:
    other = [tuple(math.ldexp(x, power) + move for x, (power, move) in zip(point, units, strict=False)) for point in values]
    ours, theirs = knee(Front(trials(values)).trials), knee(Front(trials(other)).trials)
    assert ours is not None
    assert theirs is not None
    assert ours.trial == theirs.trial


@pytest.mark.parametrize("seed", range(20))
def test_knee_stays_when_any_factor_stretches_an_objective(seed: int) -> None:
    draw = random.Random(seed)
    values = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(40)]
    factor, shift = draw.uniform(1e-6, 1e6), draw.uniform(-100, 100)
    chosen = set[int]()
    for each in (values, [(a * factor + shift, b) for a, b in values], [(a, b * factor + shift) for a, b in values]):
        best = knee(Front(trials(each)).trials)
        assert best is not None
        chosen.add(best.trial)
    assert len(chosen) == 1


@given(points(FINE))
def test_knee_of_two_objectives_is_the_farthest_beyond_the_line_between_the_ends(values: list[tuple[float, ...]]) -> None:
    front = Front(trials([point[:2] for point in values])).trials
    chosen = knee(front)
    assert chosen is not None
    if len(front) > 1:
        by_trial = dict(zip([each.trial for each in front], stretched([point_of(each) for each in front]), strict=True))
        beyond = {number: x + y - 1.0 for number, (x, y) in by_trial.items()}
        assert beyond[chosen.trial] >= max(beyond.values()) - 1e-9
        assert min(min(point) for point in by_trial.values()) == 0.0
        assert max(max(point) for point in by_trial.values()) == 1.0


def test_bulge_of_a_front_is_its_knee() -> None:
    front = trials([(0.0, 10.0), (4.0, 9.0), (7.0, 4.0), (8.0, 0.0)])
    chosen = knee(front)
    assert chosen is not None
    assert chosen.trial == 1  # 0.5 + 0.9 against 0.875 + 0.4


def test_ends_of_a_hollow_front_tie_and_the_first_objective_decides() -> None:
    chosen = knee(trials([(0.0, 1.0), (0.2, 0.2), (1.0, 0.0)]))
    assert chosen is not None
    assert chosen.trial == 2


def test_only_complete_trials_are_on_the_front() -> None:
    found = [trial(0, (1.0, 1.0)), trial(1, (9.0, 9.0), state="infeasible"), trial(2, (5.0, None), state="undefined")]
    assert [each.trial for each in Front(found).trials] == [0]
    assert best_of(found) == found[0]


def test_the_largest_floats_have_a_knee() -> None:
    chosen = knee(Front(trials([(1.7e308, -1.7e308), (-1.7e308, 1.7e308), (1e308, 1e308)])).trials)
    assert chosen is not None
    assert chosen.trial == 2


def test_nobody_is_the_knee_of_an_empty_front() -> None:
    assert knee([]) is None
    assert "No trial is valid" in explanation([], ("sharpe", "calmar"))


def test_explanation_says_what_was_given_up_for_what() -> None:
    text = explanation(trials([(1.0, 10.0), (1.8, 9.0), (2.0, 1.0)]), ("sharpe", "calmar"))
    assert "Trial 1 is the knee" in text
    assert "Beside trial 2, the best in sharpe, it has sharpe 1.8 instead of 2 and in return calmar 9 instead of 1." in text
    assert "Beside trial 0, the best in calmar, it has calmar 9 instead of 10 and in return sharpe 1.8 instead of 1." in text


@pytest.mark.parametrize(
    ("ours", "best", "told"),
    [
        (3.768, 3.771, "3.768 instead of 3.771"),
        (12345.671, 12345.672, "12345.671 instead of 12345.672"),
        (40.0, 15000.0, "40 instead of 15,000.00"),
    ],
)
def test_explanation_never_says_that_a_number_was_given_up_for_itself(ours: float, best: float, told: str) -> None:
    assert f"it has sharpe {told} and in return" in explanation(trials([(0.0, 10.0), (ours, 9.999), (best, 0.0)]), ("sharpe", "calmar"))


def test_explanation_of_a_front_of_one_says_that_nothing_was_given_up() -> None:
    assert "nothing was given up" in explanation(trials([(1.0, 2.0)]), ("sharpe", "calmar"))


def test_explanation_names_what_the_knee_is_best_in() -> None:
    text = explanation(trials([(2.0, 5.0, 1.0), (1.0, 4.0, 2.0)]), ("sharpe", "calmar", "expectancy"))
    assert "It is the best of them in sharpe and calmar." in text


def test_explanation_says_when_a_tie_was_decided_by_the_objective_named_first() -> None:
    assert "As another trial has the same sum, sharpe, named first, decided." in explanation(
        trials([(1.0, 2.0), (2.0, 1.0)]), ("sharpe", "calmar")
    )
