"""What every sampler must do. A new one joins with one subclass that names it: see tests/optimization/test_samplers.py."""

import pytest

from optimization.ledger import TrialLedger
from optimization.proposals import make_proposals
from optimization.search import SearchPlan, search
from optimization.space import Dimension, SearchSpace, canonical_key
from optimization.trial_record import TrialRecord
from tests.optimization.fakes import SPACE, FakeTrials, plan

SINGLE = SearchSpace((Dimension("fixed", "int", 7, 7, 1), Dimension("free", "float", 0.1, 0.9, 0.1)), {"fixed": 7, "free": 0.3})


class SamplerContract:
    """Subclass it as ``Test...`` and give ``sampler`` the name under which the sampler is registered."""

    @pytest.fixture
    def sampler(self) -> str:
        pytest.fail("name the sampler")

    def test_equal_seeds_make_equal_searches(self, sampler: str) -> None:
        assert records(plan(sampler=sampler)) == records(plan(sampler=sampler))

    @pytest.mark.parametrize("change", [{"seed": 43}, {"window": 3}, {"slug": "fake_y_1h"}, {"stage": "7.2"}])
    def test_another_seed_window_market_or_stage_makes_another_search(self, sampler: str, change: dict[str, object]) -> None:
        assert keys(plan(sampler=sampler)) != keys(plan(sampler=sampler, **change))

    @pytest.mark.parametrize("space", [SPACE, SINGLE], ids=["usual", "with a single value"])
    def test_every_value_is_on_its_grid_and_in_bounds(self, sampler: str, space: SearchSpace) -> None:
        for record in search(plan(sampler=sampler, space=space, budget=60), TrialLedger({}), FakeTrials()):
            point = space.indices(record.params)
            assert point is not None
            assert canonical_key(space.params(point)) == record.key, "values are spelled as the grid spells them"

    @pytest.mark.parametrize("batches", [0, 1, 2, 3, 5])
    def test_a_study_rebuilt_from_records_proposes_the_same_next_points(self, sampler: str, batches: int) -> None:
        wanted = plan(sampler=sampler, budget=48)
        whole = search(wanted, TrialLedger({}), FakeTrials())
        rebuilt = make_proposals(wanted.sampler, wanted.space, wanted.seed_of, batch=8, budget=48)
        rebuilt.replay(whole[: 8 * batches])
        numbers = range(8 * batches, 8 * batches + 8)
        assert [canonical_key(point) for point in rebuilt.ask(numbers)] == [whole[number].key for number in numbers]

    def test_the_space_is_explored(self, sampler: str) -> None:
        assert len(set(keys(plan(sampler=sampler, budget=60)))) > 45


def records(wanted: SearchPlan) -> list[dict[str, object]]:
    return [record.as_dict() for record in search(wanted, TrialLedger({}), FakeTrials())]


def keys(wanted: SearchPlan) -> list[str]:
    found: list[TrialRecord] = search(wanted, TrialLedger({}), FakeTrials())
    return [record.key for record in found]
