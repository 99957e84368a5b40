"""Memory stays flat: a batch keeps a state and a score per row and what its rows share, a run leaves nothing behind."""

import subprocess
import sys

import pytest

from benchmarks.memory import MIB, batch_peak, measured, minutes
from tests.conftest import ROOT
from tests.patience import PROGRAM_SECONDS

pytestmark = pytest.mark.xdist_group("memory")  # the kernels of the first test are in the disk cache then
BARS, FEW, MANY = 30_000, 500, 2_500
# State, score and rules are about 1 kB, the rows' own values and the allocator's leavings 2 kB. One bit per bar and side is 7.5 kB.
MOST_PER_TRIAL = 6_000

HOARD = """
import sys
from backtest_engine import BacktestEngine, batch
from benchmarks import memory

kept = []
signals_from, run = batch.signals_from, BacktestEngine.run
if sys.argv[1] == "--part=7.1":
    def hoarding(found, *arguments):
        kept.append([found.words[side[:, 0]] for side in (found.longs, found.shorts)])
        return signals_from(found, *arguments)

    batch.signals_from = hoarding
else:
    BacktestEngine.run = lambda engine: kept.append(run(engine)) or kept[-1]
memory.main(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def warm() -> None:
    """Compile what is not in the disk cache: a process that compiles needs memory for that."""
    batch_peak(minutes(3_000), "7.1", 1)


def hoarded(part: str, *arguments: str) -> int:
    """Measure a product that keeps what it should forget."""
    command = [sys.executable, "-c", HOARD, f"--part={part}", *arguments]
    return int(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, timeout=PROGRAM_SECONDS).stdout)


@pytest.mark.usefixtures("warm")
def test_memory_does_not_grow_with_the_trials_but_for_a_state_each() -> None:
    few, many = (measured("7.1", trials=trials, bars=BARS) for trials in (FEW, MANY))
    assert many - few < (MANY - FEW) * MOST_PER_TRIAL
    kept = hoarded("7.1", f"--trials={MANY}", f"--bars={BARS}")
    assert kept - few > (MANY - FEW) * MOST_PER_TRIAL, "this check would not see a batch that keeps the conditions of each trial"


@pytest.mark.usefixtures("warm")
def test_repeated_runs_leave_nothing_behind() -> None:
    assert measured("runs", runs=300) < MIB
    assert hoarded("runs", "--runs=300") > MIB, "this check would not see runs that are kept"


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("stage", ["7.1", "7.2"])
def test_twenty_thousand_trials_over_four_months_of_minutes_fit_into_400_mb(stage: str) -> None:
    assert measured(stage, trials=20_000, bars=175_680) <= 400e6


@pytest.mark.slow
@pytest.mark.usefixtures("warm")
def test_five_thousand_runs_leave_nothing_behind() -> None:
    assert measured("runs", runs=5_000) < 2 * MIB
