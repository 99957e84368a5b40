"""Where the time of a search goes: measured part by part, and no part of what it writes."""

from itertools import count
from pathlib import Path

import pytest

import optimization.times
from optimization.ledger import TrialLedger
from optimization.search import search
from optimization.times import PARTS, SearchTimes
from tests.optimization.fakes import FakeTrials, plan


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every look at the clock take a second."""
    seconds = count()
    monkeypatch.setattr(optimization.times, "monotonic_seconds", lambda: float(next(seconds)))


def test_time_inside_counts_also_when_it_ends_in_an_error() -> None:
    times = SearchTimes()
    with times.spent_on("engine"):
        pass
    with pytest.raises(KeyboardInterrupt), times.spent_on("engine"):
        raise KeyboardInterrupt
    with times.spent_on("ledger"):
        pass
    assert times.seconds == {"sampler": 0.0, "engine": 2.0, "ledger": 1.0}
    assert [times.share(part) for part in PARTS] == [0.0, 2 / 3, 1 / 3]
    times.add(times)
    assert times.total == 6.0


def test_who_did_nothing_has_no_share() -> None:
    assert [SearchTimes().share(part) for part in PARTS] == [0.0, 0.0, 0.0]


def test_every_batch_asks_simulates_writes_and_tells() -> None:
    times = SearchTimes()
    search(plan(budget=24), TrialLedger({}), FakeTrials(), times=times)
    assert times.seconds == {"sampler": 1.0 + 2 * 3, "engine": 3.0, "ledger": 3.0}, "the sampler is made once, asked and told three times"


def test_a_ledger_does_not_know_how_long_it_took(tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        with TrialLedger({}, tmp_path / name) as ledger:
            search(plan(budget=16), ledger, FakeTrials(), times=SearchTimes())
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    assert b"seconds" not in contents[0]
