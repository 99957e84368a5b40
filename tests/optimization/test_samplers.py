"""Every sampler keeps the contract."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from config.optimization import FULL_FIDELITY_SAMPLERS, SAMPLERS, SEVERAL_OBJECTIVES_SAMPLERS, STUDY_FREE_SAMPLERS
from core.canonical_json import dumps
from core.errors import ConfigError, OptimizationError
from optimization.ledger import TrialLedger
from optimization.proposals import make_proposals
from optimization.sampling import is_study_free, make_draws, make_sampler
from optimization.search import search
from optimization.space import SearchSpace
from tests.contracts.sampler_contract import SamplerContract
from tests.optimization.fakes import SPACE, FakeTrials, mixed, plan

ROOT = Path(__file__).resolve().parents[2]


class TestTpe(SamplerContract):
    name = "tpe"


class TestGp(SamplerContract):
    name = "gp"
    budget = 26


class TestCmaes(SamplerContract):
    name = "cmaes"


class TestNsga2(SamplerContract):
    name = "nsga2"
    budget = 80


class TestNsga3(SamplerContract):
    name = "nsga3"
    budget = 80


class TestQmc(SamplerContract):
    name = "qmc"


class TestRandom(SamplerContract):
    name = "random"


class TestGrid(SamplerContract):
    name = "grid"
    seeded = False


def test_every_sampler_of_the_settings_is_under_contract() -> None:
    assert {contract.name for contract in SamplerContract.__subclasses__()} == set(SAMPLERS)


def test_unknown_sampler_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'tpe'"):
        make_sampler("tpes", 1, {})
    with pytest.raises(ConfigError, match="Did you mean 'nsga2'"):
        make_proposals("nsgaa2", SPACE, plan().seed_of, batch=8, budget=8)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_space_without_parameters_is_refused(sampler: str) -> None:
    with pytest.raises(ConfigError, match="the space is empty"):
        make_proposals(sampler, SearchSpace((), {}), plan().seed_of, batch=8, budget=8)


@pytest.mark.parametrize("sampler", sorted(set(SAMPLERS) - set(SEVERAL_OBJECTIVES_SAMPLERS)))
def test_who_cannot_take_several_objectives_says_who_can(sampler: str) -> None:
    with pytest.raises(ConfigError, match=f"'{sampler}' searches for one objective, not for 2 at once. Those that can: tpe, nsga2"):
        make_proposals(sampler, SPACE, plan().seed_of, batch=8, budget=8, objectives=2)


def test_who_needs_no_study_is_known() -> None:
    assert {name for name in SAMPLERS if is_study_free(name)} == set(STUDY_FREE_SAMPLERS) == {"qmc", "random", "grid"}
    with pytest.raises(ConfigError, match="needs no study"):
        make_sampler("qmc", 1, {})
    with pytest.raises(ConfigError, match="learns from its trials"):
        make_draws("tpe", 1, SPACE, 8)


_SCRIPT = """
import logging, sys
from tests.optimization.test_samplers import digests
logging.disable()
print(digests())
"""


def digests() -> str:
    """Return one hash for each sampler's trials."""
    found = {}
    for name in SAMPLERS:
        levels = (1.0,) if name in FULL_FIDELITY_SAMPLERS else plan().levels
        wanted = plan(sampler=name, budget=16 if name == "gp" else 32, levels=levels)
        records = [record.as_dict() for record in search(wanted, TrialLedger({}), FakeTrials(mixed))]
        found[name] = hashlib.sha256(dumps(records).encode()).hexdigest()[:16]
    return dumps(found)


def test_a_process_with_another_hash_seed_and_more_threads_proposes_the_same() -> None:
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == digests()


def test_a_ledger_of_other_points_is_not_gone_on_with() -> None:
    """Another version of a library may draw other numbers: a sampler that is rebuilt by asking again notices."""
    wanted = plan(sampler="cmaes")
    found = search(wanted, TrialLedger({}), FakeTrials())
    moved = replace(found[5], params=found[6].params)
    rebuilt = make_proposals("cmaes", wanted.space, wanted.seed_of, batch=8, budget=30)
    with pytest.raises(OptimizationError, match="a library that it draws with has changed"):
        rebuilt.replay([*found[:5], moved, *found[6:8]])


@pytest.mark.parametrize(("sampler", "budget"), [("tpe", 80), ("cmaes", 80), ("gp", 40)])
def test_who_learns_gets_better(sampler: str, budget: int) -> None:
    """On a smooth hill the second half of the search lies closer to the top than a random one's."""

    def late_mean(name: str) -> float:
        found = search(plan(sampler=name, budget=budget, levels=(1.0,)), TrialLedger({}), FakeTrials())
        scores = [record.value for record in found[budget // 2 :] if record.state == "complete"]
        return sum(scores) / len(scores)

    assert late_mean(sampler) > late_mean("random") + 0.05


@pytest.mark.parametrize("sampler", ["nsga2", "nsga3"])
def test_generations_get_better(sampler: str) -> None:
    found = search(plan(sampler=sampler, budget=120, levels=(1.0,)), TrialLedger({}), FakeTrials())
    first, last = found[:24], [record for record in found[-24:] if record.state == "complete"]
    assert sum(record.value for record in last) / len(last) > sum(record.value for record in first) / len(first) + 0.05
