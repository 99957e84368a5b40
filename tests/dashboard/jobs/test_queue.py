"""The queue: bounded, in order, each job once, whoever looks and whatever dies."""

import os
import threading
from dataclasses import replace

import psutil
import pytest

from core.errors import CorruptFileError, JobNotFoundError, QueueFullError
from dashboard.jobs.processes import lives, this_process
from dashboard.jobs.queue import Limits, Order, slot_lock
from dashboard.jobs.states import JobKind, JobState, Process, Status, read_job, write_status
from dashboard.locks import HeldLock
from tests.dashboard.jobs.conftest import Bench

GONE = Process(2**22 - 3, 1.0)


def test_jobs_run_in_the_order_they_were_asked_for(bench: Bench) -> None:
    jobs = [bench.submit(f"print({number})") for number in range(3)]
    bench.work()
    ended = [bench.queue.job(job.id) for job in jobs]
    assert [job.status.state for job in ended] == [JobState.FINISHED] * 3
    assert [job.output.read_text().strip() for job in ended] == ["0", "1", "2"]
    begun = [job.status.started_ms or 0 for job in ended]
    assert begun == sorted(begun)
    assert [job.id for job in bench.queue.jobs()] == [job.id for job in reversed(jobs)]


def test_queue_is_bounded(bench: Bench) -> None:
    bench.limits = Limits(waiting=2)
    bench.submit()
    bench.submit()
    with pytest.raises(QueueFullError, match="2 jobs wait already"):
        bench.submit()
    bench.work()
    assert bench.submit().status.state is JobState.QUEUED


def test_nobody_is_started_while_somebody_works(bench: Bench) -> None:
    bench.submit()
    assert bench.started == [0]
    held = HeldLock(slot_lock(bench.paths.jobs, 0))
    assert held.take()
    bench.submit()
    assert bench.started == [0]
    held.release()
    bench.queue.tend()
    assert bench.started == [0, 0]


def test_slots_are_not_started_for_nothing(bench: Bench) -> None:
    bench.limits = Limits(running=3)
    bench.submit()
    assert bench.started == [0]
    bench.queue.tend()
    assert bench.started == [0, 0]
    Bench(bench.paths).queue.jobs()
    bench.limits = Limits(running=0)
    bench.submit()
    assert bench.started == [0, 0]


def test_two_at_work_never_start_one_job_twice(bench: Bench) -> None:
    bench.limits = Limits(running=2)
    jobs = [bench.submit("print('once')") for _ in range(6)]
    workers = [threading.Thread(target=bench.work, args=(slot,)) for slot in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [bench.queue.job(job.id).output.read_text() for job in jobs] == ["once\n"] * 6


def test_waiting_job_that_is_cancelled_never_begins(bench: Bench) -> None:
    job = bench.submit("print('begun')")
    assert bench.queue.cancel(job.id).status.state is JobState.CANCELLED
    bench.work()
    assert not job.output.exists()
    assert bench.queue.cancel(job.id).status.state is JobState.CANCELLED


def test_job_whose_processes_died_is_interrupted_and_looking_changes_nothing(bench: Bench) -> None:
    job = bench.submit()
    write_status(job.folder, Status(JobState.RUNNING, "20250101-000000-abcd", 1, process=GONE, supervisor=GONE))
    before = (job.folder / "state.json").read_bytes()
    assert bench.queue.job(job.id).status.state is JobState.INTERRUPTED
    assert (job.folder / "state.json").read_bytes() == before
    bench.queue.tend()
    assert read_job(job.folder).status.state is JobState.INTERRUPTED
    assert bench.queue.job_of_run("20250101-000000-abcd") is None


def test_job_of_a_run_is_the_one_at_work(bench: Bench) -> None:
    job = bench.submit()
    write_status(job.folder, Status(JobState.RUNNING, "20250101-000000-abcd", 1, process=this_process()))
    found = bench.queue.job_of_run("20250101-000000-abcd")
    assert found is not None
    assert found.id == job.id
    assert bench.queue.job_of_run("20250101-000000-ffff") is None


def test_later_process_of_the_same_number_is_another() -> None:
    own = this_process()
    assert lives(own)
    assert not lives(replace(own, started=own.started - 60))
    assert not lives(GONE)
    assert not lives(None)
    assert own.pid == os.getpid() == psutil.Process().pid


@pytest.mark.parametrize("name", ["..", "20250101-000000-abcd", "../../etc", "20250101-000000-ABCD", "a" * 300, "20250101-000000-abcd\n"])
def test_name_that_is_no_job_is_not_found(bench: Bench, name: str) -> None:
    with pytest.raises(JobNotFoundError):
        bench.queue.job(name)


def test_damaged_and_foreign_folders_hide_no_job(bench: Bench) -> None:
    sound, torn, foreign = bench.submit(), bench.submit(), bench.submit()
    (torn.folder / "state.json").write_bytes(b'{"state":')
    (foreign.folder / "job.json").write_bytes((sound.folder / "job.json").read_bytes())
    (bench.paths.jobs / "20250101-000000-aaaa").symlink_to(sound.folder)
    (bench.paths.jobs / "notes").mkdir()
    assert [job.id for job in bench.queue.jobs()] == [sound.id]
    for job_id in (torn.id, foreign.id):
        with pytest.raises(CorruptFileError, match=f"jobs/{job_id}"):
            bench.queue.job(job_id)
    with pytest.raises(JobNotFoundError):
        bench.queue.job("20250101-000000-aaaa")


def test_files_of_an_order_are_there_and_named(bench: Bench) -> None:
    order = Order(JobKind.PIPELINE, "x", ("run", "--config", "<JOB>/run.yaml"), (("run.yaml", b"seed: 1\n"),))
    job = bench.queue.submit(order)
    assert job.request.arguments == ("run", "--config", str(job.folder / "run.yaml"))
    assert (job.folder / "run.yaml").read_bytes() == b"seed: 1\n"
