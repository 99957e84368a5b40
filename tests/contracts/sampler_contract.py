"""What every sampler must do. A new one joins with one subclass that names it: see tests/optimization/test_samplers.py."""

import random
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from config import OptimizationConfig
from optimization.ledger import TrialLedger
from optimization.proposals import make_proposals
from optimization.search import SearchPlan, best_of, search
from optimization.space import Dimension, SearchSpace, canonical_key
from optimization.trial_record import TrialRecord
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, hill, metrics, mixed, plan

Measure = Callable[[Params, float], Metrics]
SINGLE = SearchSpace((Dimension("fixed", "int", 7, 7, 1), Dimension("free", "float", 0.1, 0.9, 0.1)), {"fixed": 7, "free": 0.3})
LINE = SearchSpace((Dimension("x", "int", 0, 40, 1),), {"x": 20})
SWITCH = SearchSpace((Dimension("on", "bool", 0, 1, 1), Dimension("x", "int", 0, 9, 1)), {"on": True, "x": 3})
TINY = SearchSpace((Dimension("x", "int", 0, 4, 1),), {"x": 2})
POINT = SearchSpace((Dimension("x", "int", 7, 7, 1), Dimension("y", "float", 0.5, 0.5, 0.1)), {"x": 7, "y": 0.5})
OFF_GRID = SearchSpace(SPACE.dimensions, {"period": 99, "multiplier": 1.55, "threshold": 35.0})


class SamplerContract:
    """Subclass it as ``Test...`` and give the sampler's name."""

    name: ClassVar[str]
    # Trials of a search that shows what the sampler does: two rounds of learning, for one that learns.
    budget: ClassVar[int] = 48
    seeded: ClassVar[bool] = True

    def plan(self, **changes: Any) -> SearchPlan:
        """Return a search by this sampler, on the fidelity levels that the settings would give it."""
        levels = OptimizationConfig(optuna_sampler=self.name).levels  # type: ignore[arg-type]
        return plan(**({"sampler": self.name, "levels": levels, "budget": self.budget} | changes))

    def run(self, measure: Measure = hill, **changes: Any) -> list[TrialRecord]:
        return search(self.plan(**changes), TrialLedger({}), FakeTrials(measure))

    def keys(self, **changes: Any) -> list[str]:
        return [record.key for record in self.run(**changes)]

    def test_equal_seeds_make_equal_searches(self) -> None:
        first, second = self.run(mixed), self.run(mixed)
        assert [record.as_dict() for record in first] == [record.as_dict() for record in second]

    def test_another_seed_window_market_or_stage_makes_another_search(self) -> None:
        for change in ({"seed": 43}, {"window": 3}, {"slug": "fake_y_1h"}, {"stage": "7.2"}):
            assert (self.keys(budget=16) != self.keys(budget=16, **change)) is self.seeded

    @pytest.mark.parametrize("space", [SPACE, SINGLE, LINE, SWITCH], ids=["usual", "a single value", "one parameter", "a switch"])
    def test_every_value_is_on_its_grid_and_in_bounds(self, space: SearchSpace) -> None:
        for record in self.run(mixed, space=space, budget=30):
            point = space.indices(record.params)
            assert point is not None
            assert canonical_key(space.params(point)) == record.key, "values are spelled as the grid spells them"

    @pytest.mark.parametrize("batch", [1, 5, 8])
    def test_a_search_resumed_at_any_batch_border_proposes_the_same_next_points(self, batch: int) -> None:
        wanted = self.plan(batch=batch)
        whole = search(wanted, TrialLedger({}), FakeTrials(mixed))
        borders = range(0, len(whole), batch)
        for first in borders if len(borders) <= 10 else borders[:: len(borders) // 5]:
            rebuilt = make_proposals(self.name, wanted.space, wanted.seed_of, batch=batch, budget=wanted.budget)
            rebuilt.replay(whole[:first])
            numbers = range(first, min(first + batch, len(whole)))
            assert [canonical_key(point) for point in rebuilt.ask(numbers)] == [whole[number].key for number in numbers]

    def test_a_search_resumed_at_any_batch_border_leaves_the_same_bytes(self, tmp_path: Path) -> None:
        wanted, path, copy = self.plan(), tmp_path / "whole.log", tmp_path / "resumed.log"
        with TrialLedger({}, path) as ledger:
            trials = len(search(wanted, ledger, FakeTrials(mixed)))
        whole = path.read_bytes()
        lines = whole.splitlines(keepends=True)
        for done in (3, 8, 24, trials - 1):  # inside a batch too: the trials of that one are made again and must be the same
            copy.write_bytes(b"".join(lines[: 1 + done]))
            with TrialLedger({}, copy) as ledger:
                search(wanted, ledger, FakeTrials(mixed))
            assert copy.read_bytes() == whole

    def test_the_space_is_explored(self) -> None:
        keys = self.keys()
        assert len(set(keys)) > 0.75 * len(keys)
        found = [record.params for record in self.run()]
        assert all(len({params[name] for params in found}) > 2 for name in SPACE.names)

    def test_a_point_tried_before_is_not_simulated_again(self) -> None:
        trials = FakeTrials(lambda params, _share: metrics(-abs(params["x"] - 3)))
        found = search(self.plan(space=TINY, budget=20), TrialLedger({}), trials)
        assert len(trials.started) == len({record.key for record in found})
        for record in found:
            if record.duplicate_of is not None:
                assert found[record.duplicate_of].key == record.key
        best = best_of(found)
        assert best is not None
        assert best.params["x"] == 3

    def test_one_point_takes_one_trial(self) -> None:
        assert [(record.trial, record.state) for record in self.run(space=POINT)] == [(0, "complete")]

    def test_a_base_off_the_grid_is_tried_as_it_is(self) -> None:
        found = self.run(space=OFF_GRID, budget=20)
        assert dict(found[0].params) == dict(OFF_GRID.base)
        assert all(OFF_GRID.indices(record.params) is not None for record in found[1:])

    @pytest.mark.parametrize(
        "measure",
        [lambda *_: metrics(1.0), lambda *_: metrics(9.0, trades=0), lambda _, share: metrics(9.0, ruined=share == 1.0)],
        ids=["all the same", "too few trades", "ruin"],
    )
    def test_a_search_without_any_difference_comes_to_its_end(self, measure: Measure) -> None:
        found = self.run(measure, budget=24)
        assert len({record.key for record in found}) > 12

    def test_nothing_global_is_touched(self) -> None:
        self.run(mixed, budget=24)  # what is imported now may add to the filters
        before = _global_state()
        self.run(mixed, budget=24)
        assert _global_state() == before

    def test_only_full_fidelity_wins(self) -> None:
        found = self.run(mixed, levels=(0.33, 0.66, 1.0))
        winner = best_of(found)
        assert winner is not None
        assert (winner.state, winner.fidelity, winner.bars) == ("complete", 3, 900)
        assert winner.value == max(record.value for record in found if record.state == "complete")


def _global_state() -> tuple[object, ...]:
    """Return the generators that a library could draw from unasked, and the filters for warnings."""
    name, keys, *rest = np.random.get_state(legacy=True)  # noqa: NPY002 - nobody may move it
    return random.getstate(), name, np.asarray(keys).tobytes(), *rest, list(warnings.filters)
