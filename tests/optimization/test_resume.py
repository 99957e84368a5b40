"""Interrupted searches: whenever they stop and however their file is torn, they end with the same bytes."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import optimization.search
from optimization.ledger import TrialLedger, read_ledger
from optimization.search import SearchPlan, SearchProgress, search
from optimization.space import SearchSpace
from tests.conftest import ROOT
from tests.optimization.fakes import SPACE, FakeTrials, Metrics, Params, hill, mixed, plan


def whole(folder: Path, wanted: SearchPlan, measure: Callable[[Params, float], Metrics] = hill) -> bytes:
    """Return the ledger file of a search that nobody interrupted."""
    path = folder / "whole.log"
    with TrialLedger({"seed": wanted.seed}, path) as ledger:
        search(wanted, ledger, FakeTrials(measure))
    content = path.read_bytes()
    path.unlink()
    return content


def resumed(
    folder: Path, wanted: SearchPlan, measure: Callable[[Params, float], Metrics] = hill, *, interruptions: list[int], cut: int = 0
) -> bytes:
    """Return the ledger file of a search interrupted in the given stretches, one after the other, then finished.

    ``cut`` bytes are torn off the file at each interruption.
    """
    path = folder / "resumed.log"
    for stretch in [*interruptions, 0]:
        trials = FakeTrials(measure, interrupt_at=stretch)
        with TrialLedger({"seed": wanted.seed}, path) as ledger:
            if stretch:
                with pytest.raises(KeyboardInterrupt):
                    search(wanted, ledger, trials)
            else:
                search(wanted, ledger, trials)
        if stretch and cut:
            path.write_bytes(path.read_bytes()[:-cut])
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_search_interrupted_at_every_batch_border_leaves_the_same_bytes(tmp_path: Path, sampler: str) -> None:
    wanted = plan(sampler=sampler)
    assert resumed(tmp_path, wanted, mixed, interruptions=[1]) == whole(tmp_path, wanted, mixed)
    stops: list[int] = []
    trials = FakeTrials(mixed)
    search(wanted, TrialLedger({}), trials, lambda _progress: stops.append(len(trials.advances) + 1))
    for stop in stops[:-1]:
        assert resumed(tmp_path, wanted, mixed, interruptions=[stop]) == whole(tmp_path, wanted, mixed)


@pytest.mark.parametrize("case", range(8))
def test_a_search_interrupted_in_mid_batch_again_and_again_leaves_the_same_bytes(tmp_path: Path, case: int) -> None:
    draw = random.Random(case)
    wanted = plan(seed=case)
    interruptions = [draw.randrange(1, 20), draw.randrange(1, 20), draw.randrange(1, 10)]
    assert resumed(tmp_path, wanted, mixed, interruptions=interruptions) == whole(tmp_path, wanted, mixed)


def test_a_search_with_a_base_off_the_grid_leaves_the_same_bytes(tmp_path: Path) -> None:
    wanted = plan(space=SearchSpace(SPACE.dimensions, dict(SPACE.base) | {"multiplier": 1.55}))
    assert resumed(tmp_path, wanted, interruptions=[40]) == whole(tmp_path, wanted)


@pytest.mark.parametrize("cut", [1, 200, 900, 2500])
def test_a_search_whose_ledger_was_torn_leaves_the_same_bytes(tmp_path: Path, cut: int) -> None:
    wanted = plan()
    assert resumed(tmp_path, wanted, mixed, interruptions=[30, 25], cut=cut) == whole(tmp_path, wanted, mixed)


def test_a_complete_ledger_costs_neither_a_study_nor_a_simulation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.log"
    with TrialLedger({}, path) as ledger:
        first = search(plan(), ledger, FakeTrials())
    monkeypatch.setattr(optimization.search, "make_proposals", None)
    trials = FakeTrials()
    heard: list[SearchProgress] = []
    with TrialLedger({}, path) as ledger:
        again = search(plan(), ledger, trials, heard.append)
    assert [record.as_dict() for record in again] == [record.as_dict() for record in first]
    assert not trials.started
    assert [each.done for each in heard] == [30]


def test_only_the_interrupted_batch_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    with TrialLedger({}, path) as ledger, pytest.raises(KeyboardInterrupt):
        search(plan(), ledger, FakeTrials(interrupt_at=40))
    saved = len(read_ledger(path)[1])
    assert saved % 8 == 0
    trials = FakeTrials()
    with TrialLedger({}, path) as ledger:
        found = search(plan(), ledger, trials)
    assert len(trials.started) == sum(record.state != "duplicate" for record in found[saved:])


_SCRIPT = """
import hashlib, sys
from pathlib import Path
from optimization.ledger import TrialLedger
from optimization.search import search
from tests.optimization.fakes import FakeTrials, mixed, plan

path = Path(sys.argv[1])
with TrialLedger({"seed": 42}, path) as ledger:
    search(plan(), ledger, FakeTrials(mixed))
"""


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_a_fresh_process_with_another_hash_seed_leaves_the_same_bytes(tmp_path: Path, hash_seed: str) -> None:
    path = tmp_path / "other.log"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", _SCRIPT, str(path)], env=environment, cwd=tmp_path, check=True, capture_output=True)
    assert path.read_bytes() == whole(tmp_path, plan(), mixed)
