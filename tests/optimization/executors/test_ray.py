"""Ray: the bytes of one process for any number of workers and any death, on this machine's loopback only, and gone with its driver."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.errors import DataError, OptimizationError
from optimization.executors import RETRIES, Inline, Lost, ignore_done, ignore_tick, ray_cluster, ray_executor
from optimization.executors.children import THREAD_LIMITS
from optimization.executors.ray_cluster import LocalRay
from optimization.executors.ray_executor import RayExecutor
from optimization.executors.versions import versions
from optimization.isolation import mark
from tests.conftest import ROOT
from tests.optimization.executors import work
from tests.optimization.executors.files import contents
from tests.optimization.executors.work import SERIES, studies
from tests.patience import PATIENCE_SECONDS, PROGRAM_SECONDS

# One Ray for all: its start is most of what these tests cost.
pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRay]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BINANCE_API_SECRET", "canary")
        patch.setenv("DEATHS", str(tmp_path_factory.mktemp("deaths")))
        started = LocalRay(2)
    yield started
    started.close()


@pytest.fixture(scope="module")
def ray(local: LocalRay) -> Iterator[RayExecutor]:
    executor = RayExecutor(2, local=local)
    yield executor
    executor.close()


@pytest.fixture
def deaths(local: LocalRay, ray: RayExecutor, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that workers count deaths in: that of their environment, emptied."""
    (marked,) = ray.run(studies(work.setting, ["DEATHS"]), {SERIES: work.series()}, ignore_done, ignore_tick)
    for each in Path(marked).iterdir():
        each.unlink()
    return Path(marked)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of six searches in this process."""
    folder = tmp_path_factory.mktemp("alone")
    Inline().run(studies(work.search, range(1, 7), folder), {SERIES: work.series()}, ignore_done, ignore_tick)
    return folder


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_any_number_of_workers_leaves_the_bytes_of_one_process(
    ray: RayExecutor, alone: Path, tmp_path: Path, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray, "_workers", workers)
    told = list[int]()
    ray.run(studies(work.search, range(1, 7), tmp_path), {SERIES: work.series()}, told.append, ignore_tick)
    assert contents(tmp_path) == contents(alone)
    assert told == [1, 2, 3, 4, 5, 6]


def test_trials_are_done_by_two_worker_processes_at_least(ray: RayExecutor, tmp_path: Path) -> None:
    arguments = [(seed, str(tmp_path)) for seed in (1, 2, 3)]
    pids = ray.run(studies(work.pid_after_work, arguments), {SERIES: work.series()}, ignore_done, ignore_tick)
    worked = {int(path.stem) for path in tmp_path.glob("*.worked")}
    assert len(worked) >= 2
    assert set(pids) <= worked  # all three may come to their ends in one of them
    assert os.getpid() not in worked


def test_objective_and_seed_are_those_of_the_task(ray: RayExecutor) -> None:
    arguments = [(work.SEARCH.replace(objective=objective), seed) for objective in ("sharpe", "net_pnl", "sharpe") for seed in (3, 4)]
    series = {SERIES: work.series()}
    on_ray, here = (each.run(studies(work.search_with, arguments), series, ignore_done, ignore_tick) for each in (ray, Inline()))
    assert on_ray == here
    assert len(set(here)) == 4


def test_slices_of_no_length_leave_the_same_bytes(ray: RayExecutor, alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_executor, "SLICE_SECONDS", 0.0)
    ray.run(studies(work.search, range(1, 3), tmp_path), {SERIES: work.series()}, ignore_done, ignore_tick)
    assert contents(tmp_path) == {name: content for name, content in contents(alone).items() if name[0] in "01"}


def test_killed_worker_changes_no_byte(ray: RayExecutor, alone: Path, deaths: Path, tmp_path: Path) -> None:
    ray.run(studies(work.dying_once, range(1, 3), tmp_path), {SERIES: work.series()}, ignore_done, ignore_tick)
    assert len(list(deaths.iterdir())) == 2
    assert contents(tmp_path) == {name: content for name, content in contents(alone).items() if name[0] in "01"}


def test_study_whose_workers_always_die_is_lost_and_the_others_go_on(ray: RayExecutor, deaths: Path) -> None:
    lost, found = ray.run(studies(work.dying_often, [1, 2]), {SERIES: work.series()}, ignore_done, ignore_tick)
    assert isinstance(lost, Lost)
    assert lost.reason.startswith(f"its worker died {RETRIES + 1} times, the last time: ")
    assert isinstance(found, float)


def test_trial_that_ends_its_process_is_failed_as_in_processes_of_this_machine(
    ray: RayExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimization.executors.studies.RETRIES", 0)  # each of them would only start one more process
    arguments, shared = [work.deadly_strategy(tmp_path)], {SERIES: work.series()}
    found = ray.run(studies(work.search_deadly, arguments, tmp_path / "ray"), shared, ignore_done, ignore_tick)
    mark(tmp_path / "here" / "0")
    assert found == Inline().run(studies(work.search_deadly, arguments, tmp_path / "here"), shared, ignore_done, ignore_tick)
    assert contents(tmp_path / "ray") == contents(tmp_path / "here")


def test_error_of_a_study_is_raised_as_it_is_and_the_workers_stay(ray: RayExecutor) -> None:
    with pytest.raises(DataError, match="study 1 is bad"):
        ray.run(studies(work.fail, [0, 1, 2]), {SERIES: work.series()}, ignore_done, ignore_tick)
    assert ray.run(studies(work.fail, [0, 2]), {SERIES: work.series()}, ignore_done, ignore_tick) == [0, 2]


def test_workers_have_no_key_one_thread_and_candles_that_are_not_theirs(ray: RayExecutor) -> None:
    shared = {SERIES: work.series()}
    assert ray.run(studies(work.environment_at_start, [None]), shared, ignore_done, ignore_tick) == [([], ["1"] * len(THREAD_LIMITS))]
    assert ray.run(studies(work.is_mapped, [None]), shared, ignore_done, ignore_tick) == [True]


def test_nothing_listens_but_on_the_loopback_interface(ray: RayExecutor, local: LocalRay) -> None:
    heard = [address for process in psutil.Process().children(recursive=True) for address in listening(process)]
    assert len(heard) > 3
    assert {address.removeprefix("::ffff:") for address in heard} == {"127.0.0.1"}


def listening(process: psutil.Process) -> list[str]:
    """Return the addresses that a process listens at; none when it is gone by now, as idle workers are after a while."""
    with suppress(psutil.NoSuchProcess):
        return [each.laddr.ip for each in process.net_connections("inet") if each.status == psutil.CONN_LISTEN]
    return []


@pytest.mark.slow
def test_other_users_of_the_machine_cannot_join(local: LocalRay, ray: RayExecutor) -> None:
    program = f"import sys; from optimization.executors.ray_cluster import connect; connect('{local.address()}', {{}}, own=True)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=PROGRAM_SECONDS,
        env=os.environ | {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 64, "RAY_gcs_rpc_server_connect_timeout_s": "1"},
    )  # fmt: skip
    assert done.returncode != 0
    assert "RayUnavailable" in done.stderr


def test_signals_and_environment_stay_the_drivers_own(ray: RayExecutor) -> None:
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert all(name not in os.environ for name in ("RAY_AUTH_TOKEN", "RAY_USAGE_STATS_ENABLED"))


def test_workers_of_other_versions_do_not_compute(ray: RayExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "_expected", versions() | {"numba": "0.1", "kernels": "abc"})
    with pytest.raises(OptimizationError, match=r"other versions: numba .* instead of 0\.1, kernels .* instead of abc\. .*resume the run"):
        ray.run(studies(work.fail, [0]), {SERIES: work.series()}, ignore_done, ignore_tick)


def test_nodes_of_other_versions_are_named(ray: RayExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ray_cluster.nodes_that_differ(ray._ray, {}) == []
    monkeypatch.setattr(ray_cluster, "versions", lambda: versions() | {"numpy": "1.0"})
    (line,) = ray_cluster.nodes_that_differ(ray._ray, {})
    assert re.fullmatch(r"127\.0\.0\.1 has numpy \S+ instead of 1\.0", line)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A driver in a session of its own, whose Ray is at work on many searches in ``tmp_path / "killed"``."""
    command = [sys.executable, "-m", "tests.optimization.executors.work", "ray", str(tmp_path / "killed")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        while not list((tmp_path / "killed").rglob("*.log")):
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended with {process.wait(timeout=0.1)}")
        yield process
        process.kill()


def test_killed_driver_takes_its_ray_along_and_its_searches_go_on_to_the_same_bytes(
    driver: subprocess.Popen[bytes], alone: Path, tmp_path: Path
) -> None:
    family = psutil.Process(driver.pid).children(recursive=True)
    (folder,) = Path("/tmp").glob(f"sp-ray-{driver.pid}-*")
    assert len(family) > 5
    driver.kill()
    _, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
    assert alive == []
    assert not folder.exists()
    Inline().run(studies(work.search, range(1, 7), tmp_path / "killed"), {SERIES: work.series()}, ignore_done, ignore_tick)
    # a file that was just being written has left its beginning: under a name that nobody reads, and that a run clears away
    kept = {name: content for name, content in contents(tmp_path / "killed").items() if not name.rpartition("/")[2].startswith(".")}
    assert {name: content for name, content in kept.items() if name.split("/")[0] in "012345"} == contents(alone)


@pytest.mark.slow
def test_ctrl_c_ends_driver_and_ray_without_a_word(driver: subprocess.Popen[bytes]) -> None:
    family = psutil.Process(driver.pid).children(recursive=True)
    os.killpg(driver.pid, signal.SIGINT)
    output, errors = driver.communicate(timeout=PATIENCE_SECONDS)
    assert (driver.returncode, output, errors) == (130, b"", b"")
    assert psutil.wait_procs(family, timeout=PATIENCE_SECONDS)[1] == []


@pytest.mark.slow
def test_worker_killed_every_two_seconds_changes_no_byte(ray: RayExecutor, tmp_path: Path) -> None:
    """Twelve searches of half a year each, some seconds long."""
    shared, ended, kills = {SERIES: work.series(days=400)}, threading.Event(), list[int]()
    Inline().run(studies(work.search, range(12), tmp_path / "alone"), shared, ignore_done, ignore_tick)

    def hunt() -> None:
        while not ended.wait(2.0):
            busy = [each for each in psutil.Process().children(recursive=True) if each.name().startswith("ray::_task")]
            for process in busy[len(kills) % max(1, len(busy)) :][:1]:
                process.kill()
                kills.append(process.pid)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        found = ray.run(studies(work.search, range(12), tmp_path / "killed"), shared, ignore_done, ignore_tick)
    finally:
        ended.set()
        hunter.join()
    assert kills
    assert not any(isinstance(each, Lost) for each in found)
    assert contents(tmp_path / "killed") == contents(tmp_path / "alone")
