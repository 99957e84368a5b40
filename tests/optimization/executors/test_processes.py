"""Worker processes: results in order, errors as they are, work of the dead done again, and no worker that outlives its driver."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import OptimizationConfig
from core.errors import DataError
from optimization.executors import RETRIES, Inline, Lost, Processes, ignore_done, ignore_tick
from optimization.executors.children import THREAD_LIMITS
from optimization.executors.studies import Patience
from optimization.isolation import mark
from optimization.ledger import read_ledger
from tests.conftest import ROOT
from tests.optimization.executors import work
from tests.optimization.executors.files import contents
from tests.optimization.executors.work import SERIES, studies

pytestmark = pytest.mark.xdist_group("processes")


@pytest.fixture(scope="module")
def pool() -> Iterator[Processes]:
    """Two workers that the tests of this module share, as the stages of a run do."""
    processes = Processes(2)
    yield processes
    processes.close()


def test_results_come_in_the_order_of_studies_and_workers_are_kept(pool: Processes) -> None:
    told, shared = list[int](), {SERIES: work.series()}
    close = float(shared[SERIES].candles.close[-1])
    assert pool.run(studies(work.last_close, [5, 3, 9, 1]), shared, told.append, ignore_tick) == [close + each for each in (5, 3, 9, 1)]
    assert told == [1, 2, 3, 4]
    before = pool.pids
    other = {SERIES: work.series(seed=2)}
    assert pool.run(studies(work.last_close, [0]), other, ignore_done, ignore_tick) == [float(other[SERIES].candles.close[-1])]
    assert pool.pids == before


def test_search_in_workers_leaves_the_bytes_of_one_in_this_process(pool: Processes, tmp_path: Path) -> None:
    values = [
        executor.run(studies(work.search, [1, 2, 3], tmp_path / executor.name), {SERIES: work.series()}, ignore_done, ignore_tick)
        for executor in (Inline(), pool)
    ]
    assert values[0] == values[1]
    assert contents(tmp_path / "inline") == contents(tmp_path / "processes")


def test_searches_of_every_form_of_objective_leave_the_same_bytes_in_workers(pool: Processes, tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("def objective(metrics):\n    return metrics['sharpe_ratio'] + 0.05 * metrics['max_drawdown']\n")
    common = {"trials": 12, "min_trades": 3, "constraints": {"max_drawdown": 20}}
    objectives = ("sharpe_quartile", "net_pnl_plateau", str(own), ["net_pnl_quartile", str(own)])
    settings = [OptimizationConfig.model_validate({**common, "objective": objective, "optuna_sampler": "qmc"}) for objective in objectives]
    arguments = [(each, 1) for each in settings]
    values = [
        executor.run(studies(work.search_with, arguments, tmp_path / executor.name), {SERIES: work.series()}, ignore_done, ignore_tick)
        for executor in (Inline(), pool)
    ]
    assert values[0] == values[1]
    assert len({*values[0]}) == len(objectives)
    assert contents(tmp_path / "inline") == contents(tmp_path / "processes")


def test_candles_are_mapped_and_not_copied(pool: Processes) -> None:
    assert pool.run(studies(work.is_mapped, [None] * 2), {SERIES: work.series()}, ignore_done, ignore_tick) == [True, True]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_are_given_no_key_and_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_API_SECRET", "canary")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    processes = Processes(1)
    found = processes.run(studies(work.environment_at_start, [None]), {SERIES: work.series()}, ignore_done, ignore_tick)
    processes.close()
    assert found == [([], ["1"] * len(THREAD_LIMITS))]
    assert (os.environ["BINANCE_API_SECRET"], os.environ["OMP_NUM_THREADS"]) == ("canary", "7")
    assert "MKL_NUM_THREADS" not in os.environ
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def test_error_of_a_study_is_raised_as_it_is_and_ends_the_workers() -> None:
    processes = Processes(2)
    with pytest.raises(DataError, match="study 1 is bad"):
        processes.run(studies(work.fail, [0, 1, 2]), {SERIES: work.series()}, ignore_done, ignore_tick)
    assert processes.pids == []


def test_work_of_a_killed_worker_is_done_again_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEATHS", str(tmp_path))
    processes, shared = Processes(2), {SERIES: work.series()}
    assert processes.run(studies(work.dying_once, [1, 2], tmp_path / "killed"), shared, ignore_done, ignore_tick)
    processes.close()
    Inline().run(studies(work.search, [1, 2], tmp_path / "alone"), shared, ignore_done, ignore_tick)
    assert len(list(tmp_path.glob("?-0"))) == 2
    assert contents(tmp_path / "killed") == contents(tmp_path / "alone")


def test_study_whose_workers_always_die_is_lost_with_its_reason_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEATHS", str(tmp_path))
    processes, told = Processes(1), list[int]()
    lost, found = processes.run(studies(work.dying_often, [1, 2]), {SERIES: work.series()}, told.append, ignore_tick)
    processes.close()
    assert isinstance(lost, Lost)
    assert lost.reason == f"its worker died {RETRIES + 1} times, the last time: killed by SIGKILL (out of memory?)"
    assert len(list(tmp_path.glob("1-*"))) == RETRIES + 1
    assert isinstance(found, float)
    assert told == [1, 2]


def test_trial_that_ends_its_process_is_failed_with_its_reason_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimization.executors.studies.RETRIES", 0)  # each of them would only start one more process
    processes, shared = Processes(1), {SERIES: work.series()}
    arguments = [work.deadly_strategy(tmp_path)]
    found = processes.run(studies(work.search_deadly, arguments, tmp_path / "workers"), shared, ignore_done, ignore_tick)
    processes.close()
    mark(tmp_path / "here" / "0")
    assert found == Inline().run(studies(work.search_deadly, arguments, tmp_path / "here"), shared, ignore_done, ignore_tick)
    assert contents(tmp_path / "workers") == contents(tmp_path / "here")
    _, trials = read_ledger(tmp_path / "workers" / "0" / "7.1.trials.log")
    ended = "TrialDeath: it ended its process, also one of its own: killed by SIGKILL (out of memory?)"
    assert {trial.error for trial in trials if trial.params["ema_fast"] == 6} == {ended}
    assert {trial.error for trial in trials if trial.params["ema_fast"] != 6} == {None}
    assert Patience.over(tmp_path / "workers" / "0").isolated, "whoever looks at its trials again is warned"
    assert processes.wary


def test_trials_are_isolated_after_three_retries_and_the_study_is_lost_after_four_more_deaths() -> None:
    patience = Patience(isolable=True)
    assert [patience.died("killed") for _ in range(RETRIES)] == [None] * RETRIES
    assert not patience.isolated
    assert patience.died("killed") is None
    assert patience.isolated
    assert [patience.died("killed") for _ in range(RETRIES)] == [None] * RETRIES
    assert patience.died("killed") == Lost(f"its worker died {2 * RETRIES + 2} times, the last time: killed")
    patience.went_forward()
    assert patience.died("killed") is None, "whoever goes forward is given as much time again"
    wary = Patience(isolable=True)
    assert wary.died("killed", wary=True) is None
    assert wary.isolated, "where others had to be isolated, one death is enough"
    hopeless = Patience(isolable=False)
    assert [hopeless.died("killed") is None for _ in range(RETRIES + 1)] == [True] * RETRIES + [False]


@pytest.fixture
def driver() -> Iterator[subprocess.Popen[bytes]]:
    """A driver in a session of its own, with two workers in the middle of their work."""
    command = [sys.executable, "-m", "tests.optimization.executors.work", "processes"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == [b"started\n"] * 2
        yield process
        process.kill()


def test_workers_die_with_a_killed_driver(driver: subprocess.Popen[bytes]) -> None:
    driver.kill()
    # the pipe ends when the last process that holds it is gone; if one lived on, this would wait until the test's time limit
    output, _ = driver.communicate()
    assert output == b""
    assert driver.returncode == -signal.SIGKILL


def test_ctrl_c_ends_driver_and_workers_without_a_word(driver: subprocess.Popen[bytes]) -> None:
    os.killpg(driver.pid, signal.SIGINT)
    output, errors = driver.communicate()
    assert (driver.returncode, output, errors) == (130, b"", b"")
