"""A large ledger takes a bounded memory per trial; ``benchmarks.ledger`` tells its times."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.ledger import IDENTITY, PARTS, SEARCH, made_up_trials, measured, write
from optimization.ledger import TrialLedger, read_ledger
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS

FEW, MANY = 500, 6_000
# A record with the text of its parameters and metrics and its scores is 1.3 kB; as dictionaries of numbers it is 6.
MOST_PER_TRIAL = 2_000

HOARD = """
import sys
from dataclasses import replace
from benchmarks import ledger
import optimization.ledger
from optimization.ledger_lines import record_of

def hoarded(text):
    record = record_of(text)
    return replace(record, params=dict(record.params), metrics=dict(record.metrics))

optimization.ledger.record_of = hoarded
ledger.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("ledgers")
    paths = {count: folder / f"{count}.log" for count in (FEW, MANY)}
    for trials, path in paths.items():
        write(path, trials, 1000)
    return paths


def test_what_is_measured_is_a_ledger_like_any_other(ledgers: dict[int, Path]) -> None:
    identity, records = read_ledger(ledgers[FEW])
    assert identity == IDENTITY
    assert [record.as_dict() for record in records] == [record.as_dict() for record in made_up_trials(FEW)]


def test_memory_grows_by_a_bounded_amount_per_trial(ledgers: dict[int, Path]) -> None:
    few, many = (measured("resume", ledgers[count])[2] for count in (FEW, MANY))
    assert many - few < (MANY - FEW) * MOST_PER_TRIAL
    command = [sys.executable, "-c", HOARD, "--part=resume", f"--file={ledgers[MANY]}"]
    hoarded = json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=PROGRAM_SECONDS).stdout)[2]
    assert hoarded - few > (MANY - FEW) * MOST_PER_TRIAL, "this check would not see records that keep dictionaries"


def test_batches_of_any_size_leave_the_same_bytes(ledgers: dict[int, Path], tmp_path: Path) -> None:
    write(tmp_path / "small", FEW, 8)
    with TrialLedger(IDENTITY, tmp_path / "large") as ledger:
        ledger.append(made_up_trials(FEW))
    assert (tmp_path / "small").read_bytes() == (tmp_path / "large").read_bytes() == ledgers[FEW].read_bytes()


@pytest.mark.slow
def test_a_hundred_thousand_trials_are_read_shown_and_gone_on_with_in_600_mb(tmp_path: Path) -> None:
    path = tmp_path / "7.2.trials.log"
    write(path, 100_000, 8192)
    assert max(measured(part, path)[3] for part in PARTS) < 600e6


@pytest.mark.slow
def test_a_search_of_a_hundred_thousand_trials_takes_less_than_600_mb(tmp_path: Path) -> None:
    assert measured(SEARCH, tmp_path, 100_000)[3] < 600e6
