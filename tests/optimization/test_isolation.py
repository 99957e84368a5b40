"""Trials that end their process: found one by one, with the outcomes of all others as they would have been."""

import os
import signal
from pathlib import Path

import pytest

from core.errors import OptimizationError
from optimization.isolation import IsolatedTrials, TrialDeath, deaths, has_isolated, isolated_where_marked, mark
from tests.optimization.fakes import FakeTrials, Metrics, Params, hill

POINTS = [{"period": period, "multiplier": 1.0, "threshold": 30.0} for period in range(10, 16)]
OOM = "it ended its process, also one of its own: killed by SIGKILL (out of memory?)"


def deadly(params: Params, share: float) -> Metrics:
    """Kill the process for period 11 at once, for 14 from half of the bars on; raise for 12."""
    if params["period"] == 11 or (params["period"] == 14 and share > 0.5):
        os.kill(os.getpid(), signal.SIGKILL)
    if params["period"] == 12:
        raise ValueError("not this one")
    return hill(params, share)


def test_who_ends_a_process_is_found_at_the_stretch_where_it_does_and_all_others_are_as_they_would_be() -> None:
    heat, alone = IsolatedTrials(FakeTrials(deadly)).start(POINTS), FakeTrials(hill).start(POINTS)
    early, usual = heat.advance(range(6), 300), alone.advance(range(6), 300)
    assert [str(each) for each in early] == [
        OOM if place == 1 else "not this one" if place == 2 else str(usual[place]) for place in range(6)
    ]
    late, usual = heat.advance([0, 1, 4, 5], 900), alone.advance([0, 1, 4, 5], 900)
    assert late[0] == usual[0]
    assert late[3] == usual[3]
    assert [str(late[1]), str(late[2])] == [OOM, OOM]
    assert isinstance(late[2], TrialDeath)


def test_where_nobody_is_left_the_outcomes_are_deaths() -> None:
    outcomes = IsolatedTrials(FakeTrials(deadly)).start([POINTS[1]]).advance([0], 900)
    assert [str(each) for each in outcomes] == [OOM]


def test_a_lack_of_memory_is_a_death_and_an_error_is_none() -> None:
    def attempt(place: int) -> None:
        raise (MemoryError if place == 2 else ValueError)

    found = deaths([1, 2, 3], attempt)
    assert {place: str(death) for place, death in found.items()} == {2: "it ended its process, also one of its own: exit code 1"}


def test_a_process_that_cannot_even_begin_is_said_and_not_tried_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimization.isolation.die_with_parent", lambda parent: os._exit(3))
    with pytest.raises(OptimizationError, match="cannot be started: exit code 3"):
        deaths([1], lambda place: None)


def test_only_a_marked_folder_isolates(tmp_path: Path) -> None:
    trials = FakeTrials()
    assert isolated_where_marked(trials, None) is trials
    assert isolated_where_marked(trials, tmp_path) is trials
    assert not has_isolated(tmp_path)
    mark(tmp_path / "run" / "study")
    assert isinstance(isolated_where_marked(trials, tmp_path / "run" / "study"), IsolatedTrials)
    assert isolated_where_marked(trials, tmp_path / "run") is trials
    assert has_isolated(tmp_path)
