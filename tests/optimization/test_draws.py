"""Samplers without a study: points that follow from the trial's number, and nothing else."""

import itertools
import math
from collections import Counter
from pathlib import Path

import optuna
import pytest

from config.optimization import STUDY_FREE_SAMPLERS
from optimization.ledger import TrialLedger
from optimization.sampling import make_draws
from optimization.sampling.draws import Uniform
from optimization.sampling.grid import Grid, thinned
from optimization.search import search
from optimization.space import Dimension, SearchSpace
from tests.optimization.fakes import SPACE, FakeTrials, plan

SMALL = SearchSpace((Dimension("x", "int", 1, 5, 1), Dimension("y", "float", 0.0, 0.3, 0.1), Dimension("on", "bool", 0, 1, 1)),
                    {"x": 2, "y": 0.1, "on": False})  # fmt: skip


@pytest.mark.parametrize("sampler", STUDY_FREE_SAMPLERS)
def test_points_are_the_same_in_any_portions_and_order(sampler: str) -> None:
    whole = make_draws(sampler, 7, SPACE, 301).points(range(1, 200))
    draws = make_draws(sampler, 7, SPACE, 301)
    portions = {first: draws.points(range(first, min(first + 64, 200))) for first in (129, 1, 65, 193)}
    assert whole == [point for first in sorted(portions) for point in portions[first]]


@pytest.mark.parametrize("sampler", STUDY_FREE_SAMPLERS)
def test_no_study_is_made(sampler: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(optuna, "create_study", None)
    wanted, path = plan(sampler=sampler, budget=200, batch=64), tmp_path / "x.log"
    with TrialLedger({}, path) as ledger:
        trials = search(wanted, ledger, FakeTrials())
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:65]))
    with TrialLedger({}, path) as ledger:
        assert [record.key for record in search(wanted, ledger, FakeTrials())] == [record.key for record in trials]


def test_a_sobol_sequence_fills_the_space_evenly() -> None:
    """Of 2 ** 10 points every quarter of every parameter gets a quarter, and so does every sixteenth of each pair."""
    space = SearchSpace(tuple(Dimension(name, "int", 0, 3, 1) for name in "abc"), dict.fromkeys("abc", 0))
    points = make_draws("qmc", 11, space, 1025).points(range(1024, 2048))
    assert all(set(Counter(point[name] for point in points).values()) == {256} for name in "abc")
    for pair in itertools.combinations("abc", 2):
        found = Counter(tuple(point[name] for name in pair) for point in points)
        assert len(found) == 16
        assert max(found.values()) - min(found.values()) <= 8


def test_uniform_points_give_every_value_its_share() -> None:
    counts = Counter(point["period"] for point in Uniform(SPACE, 3, 31_000).points(range(1, 31_001)))
    assert len(counts) == 31
    assert all(abs(count - 1000) < 6 * math.sqrt(1000) for count in counts.values())


def test_a_grid_that_fits_is_tried_whole_and_no_point_twice() -> None:
    found = search(plan(sampler="grid", space=SMALL, budget=60, levels=(1.0,)), TrialLedger({}), FakeTrials())
    assert len(found) == SMALL.size == 40
    assert {record.state for record in found} == {"complete"}
    points = [tuple(record.params[name] for name in ("x", "y", "on")) for record in found]
    assert set(points) == set(itertools.product(range(1, 6), (0.0, 0.1, 0.2, 0.3), (False, True)))
    assert points[1:] == sorted(points[1:]), "in the order of the grid, after the base"


@pytest.mark.parametrize("budget", [1, 2, 5, 13, 39, 40, 50, 150])
@pytest.mark.parametrize("base", [{"x": 2, "y": 0.1, "on": False}, {"x": 99, "y": 0.1, "on": True}])
def test_a_grid_never_exceeds_its_budget(budget: int, base: dict[str, float]) -> None:
    space = SearchSpace(SMALL.dimensions, base)
    grid = Grid(space, budget)
    points = [tuple(point.items()) for point in grid.points(range(1, grid.trials))]
    assert grid.trials <= budget
    assert len(set(points)) == len(points)
    assert tuple(base.items()) not in points
    assert math.prod(grid.levels) <= max(1, budget)


def test_a_grid_that_is_too_large_keeps_its_corners_and_its_even_spacing() -> None:
    space = SearchSpace((Dimension("x", "int", 0, 60, 1), Dimension("y", "int", 0, 8, 1)), {"x": 30, "y": 4})
    grid = Grid(space, 21)
    assert grid.levels == (5, 4)
    points = [space.base, *grid.points(range(1, grid.trials))]
    assert {point["x"] for point in points} == {0, 15, 30, 45, 60}
    assert {point["y"] for point in points} == {0, 3, 4, 5, 8}
    assert grid.trials == 21


def test_values_kept_are_shared_out_to_who_has_fewest() -> None:
    assert thinned((7, 16, 61, 5, 5), 149) == (3, 3, 4, 2, 2)
    assert thinned((2, 100), 50) == (2, 25)
    assert thinned((3, 3), 9) == (3, 3)
    assert thinned((10, 10, 10), 1) == (1, 1, 1)
    assert thinned((10, 10, 10), 0) == (1, 1, 1)
