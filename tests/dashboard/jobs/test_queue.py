"""The queue: bounded, in order, each job once, whoever looks and whatever dies."""

import json
import os
import threading
from dataclasses import replace

import psutil
import pytest

from core.clock import utc_from_ms
from core.errors import CorruptFileError, JobNotFoundError, QueueFullError, StorageError
from dashboard.jobs.output import read_piece
from dashboard.jobs.processes import lives, this_process
from dashboard.jobs.queue import JobQueue, Limits, Order, slot_lock
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
        worker.join()
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


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"state": "finished", "pid": GONE.pid}, JobState.FINISHED),
        ({"state": "stopped", "pid": GONE.pid}, JobState.INTERRUPTED),
        ({"state": "finished", "pid": GONE.pid - 1}, JobState.INTERRUPTED),
    ],
)
def test_job_that_ended_unattended_is_done_if_its_run_says_so(bench: Bench, said: dict[str, object], state: JobState) -> None:
    job = bench.submit()
    name = f"{utc_from_ms(job.request.created_ms):%Y%m%d-%H%M%S}-abcd"
    folder = bench.paths.checkpoints / name
    folder.mkdir(parents=True)
    (folder / "run.lock").write_text(f"process {GONE.pid} on somewhere")
    (folder / "run.json").write_text("{}")
    (folder / "progress.json").write_text(json.dumps(said))
    write_status(job.folder, Status(JobState.RUNNING, None, job.request.created_ms, process=GONE, supervisor=GONE))
    bench.queue.tend()
    status = bench.queue.job(job.id).status
    assert (status.state, status.run_id) == (state, name)


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
    sound, torn, foreign, surrogate, deep = (bench.submit() for _ in range(5))
    (torn.folder / "state.json").write_bytes(b'{"state":')
    (surrogate.folder / "state.json").write_bytes(b'{"schema":1,"state":"queued","message":"\\ud800"}')
    (deep.folder / "job.json").write_text("[" * 100_000)
    (foreign.folder / "job.json").write_bytes((sound.folder / "job.json").read_bytes())
    (bench.paths.jobs / "20250101-000000-aaaa").symlink_to(sound.folder)
    (bench.paths.jobs / "notes").mkdir()
    assert [job.id for job in bench.queue.jobs()] == [sound.id]
    for job_id in (torn.id, foreign.id, surrogate.id, deep.id):
        with pytest.raises(CorruptFileError, match=f"jobs/{job_id}"):
            bench.queue.job(job_id)
    with pytest.raises(JobNotFoundError):
        bench.queue.job("20250101-000000-aaaa")


DAMAGE = {
    ("job.json", "number"): "1e400",
    ("job.json", "label"): "5",
    ("job.json", "arguments"): '{"a": 1}',
    ("job.json", "run_id"): '"../../etc"',
    ("job.json", "created_ms"): "true",
    ("state.json", "state"): '"asleep"',
    ("state.json", "run_id"): "7",
    ("state.json", "started_ms"): "-1",
    ("state.json", "message"): "null",
    ("state.json", "process"): '{"pid": -1, "started": 1.0}',
    ("state.json", "supervisor"): '{"pid": 4, "started": null}',
}


@pytest.mark.parametrize(("file", "field"), DAMAGE, ids=str)
def test_value_of_the_wrong_kind_makes_one_job_damaged_and_hides_no_other(bench: Bench, file: str, field: str) -> None:
    torn, sound = bench.submit(), bench.submit("print('done')")
    write_status(torn.folder, Status(JobState.RUNNING, process=GONE, supervisor=GONE))
    stored = json.loads((torn.folder / file).read_bytes()) | {field: "HERE"}
    (torn.folder / file).write_text(json.dumps(stored).replace('"HERE"', DAMAGE[file, field]))
    assert [job.id for job in bench.queue.jobs()] == [sound.id]
    bench.queue.tend()
    bench.work()
    assert bench.queue.job(sound.id).status.state is JobState.FINISHED
    with pytest.raises(CorruptFileError, match=f"jobs/{torn.id}/{file} .*({field})"):
        bench.queue.job(torn.id)


def test_what_is_no_plain_file_holds_nobody_up(bench: Bench) -> None:
    pipe, link, sound = bench.submit(), bench.submit(), bench.submit()
    for job in (pipe, link):
        (job.folder / "state.json").unlink()
    os.mkfifo(pipe.folder / "state.json")
    (link.folder / "state.json").symlink_to("/dev/zero")
    os.mkfifo(sound.output)
    assert [job.id for job in bench.queue.jobs()] == [sound.id]
    assert read_piece(sound, 0).size == 0


def refusing(*_: object) -> None:
    raise StorageError("the disk is full.")


@pytest.mark.parametrize("where", ["write_request", "start"])
def test_what_could_not_be_put_in_line_is_not_done_later(bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    queue = JobQueue(bench.paths, Limits(), refusing if where == "start" else bench.started.append)
    if where == "write_request":
        monkeypatch.setattr("dashboard.jobs.queue.write_request", refusing)
    with pytest.raises(StorageError, match="full"):
        queue.submit(Order(JobKind.BACKTEST, "fake", (), (("run.yaml", b"seed: 1"),)))
    assert queue.jobs() == []
    assert not [entry for entry in bench.paths.jobs.iterdir() if entry.is_dir()]


def test_files_of_an_order_are_there_and_named(bench: Bench) -> None:
    order = Order(JobKind.PIPELINE, "x", ("run", "--config", "<JOB>/run.yaml"), (("run.yaml", b"seed: 1\n"),))
    job = bench.queue.submit(order)
    assert job.request.arguments == ("run", "--config", str(job.folder / "run.yaml"))
    assert (job.folder / "run.yaml").read_bytes() == b"seed: 1\n"
