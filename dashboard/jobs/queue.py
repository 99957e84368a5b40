"""The queue of jobs of one data folder. It is nothing but their folders; whatever changes it holds its lock, whichever process it is."""

import logging
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core.atomic_files import make_folder, write_bytes
from core.clock import now_ms, utc_from_ms
from core.errors import CorruptFileError, JobNotFoundError, QueueFullError
from core.paths import Paths
from dashboard.jobs.outcome import outcome
from dashboard.jobs.processes import lives
from dashboard.jobs.states import Job, JobKind, JobState, Request, Status, read_job, write_request, write_status
from dashboard.locks import is_held, waiting_for

log = logging.getLogger(__name__)

_JOB_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many jobs may wait, and how many run at once."""

    waiting: int = 20
    running: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the arguments may name the job's own folder by ``JOB``; ``files`` are written there first."""

    kind: JobKind
    label: str
    arguments: tuple[str, ...]
    files: tuple[tuple[str, bytes], ...] = ()
    run_id: str | None = None


# Stands for the job's folder in the arguments of an order, before there is one.
JOB = "<JOB>"


class JobQueue:
    """All jobs under ``paths``. ``start`` starts a supervisor on a slot; it is called with the lock held."""

    def __init__(self, paths: Paths, limits: Limits, start: Callable[[int], None]) -> None:
        self._paths, self._folder, self._limits, self._start = paths, paths.jobs, limits, start

    def submit(self, order: Order) -> Job:
        """Put a job in line and see to it that somebody works. Raises QueueFullError and StorageError."""
        with self._lock():
            jobs = self._all()
            waiting = sum(1 for job in jobs if job.status.state is JobState.QUEUED)
            if waiting >= self._limits.waiting:
                raise QueueFullError(f"{waiting} jobs wait already, and no more than {self._limits.waiting} may. Wait, or cancel one.")
            job = self._write(order, 1 + max((job.request.number for job in jobs), default=0))
            with _undone(job.folder):
                self._wake()
        log.info("job %s: %s", job.id, job.request.label)
        return job

    def jobs(self) -> list[Job]:
        """Return all jobs, the newest first; a folder that is no job is passed over, one that is damaged too."""
        return sorted((self._seen(job) for job in self._all()), key=lambda job: job.request.number, reverse=True)

    def job_of_run(self, run_id: str) -> Job | None:
        """Return the job that works on a run, None when none does: a run that was started at a terminal belongs to no job."""
        at_work = (self._seen(job) for job in self._all() if job.run_id == run_id)
        return next((job for job in at_work if not job.status.state.over), None)

    def job(self, job_id: str) -> Job:
        """Return a job. Raises JobNotFoundError, and CorruptFileError for a damaged one."""
        folder = self._folder / job_id
        if not _JOB_ID.fullmatch(job_id) or folder.is_symlink() or not (folder / "job.json").is_file():
            raise JobNotFoundError("there is no job of that name.")
        return self._seen(read_job(folder))

    def cancel(self, job_id: str) -> Job:
        """Take a waiting job out of the line, or ask a running one to stop; one that is over stays as it is."""
        with self._lock():
            job = self.job(job_id)
            if job.status.state is JobState.QUEUED:
                write_status(job.folder, Status(JobState.CANCELLED, ended_ms=now_ms(), message="Cancelled before it began."))
            elif job.status.state is JobState.RUNNING:
                write_bytes(job.cancel_file, b"")
                self._wake()
        return self.job(job_id)

    def tend(self) -> None:
        """Notice what died and see to it that somebody works on what waits: at a server's start and every few seconds."""
        if any(not job.status.state.over for job in self._all()):
            with self._lock():
                self._wake()

    def _wake(self) -> None:
        """Mark jobs whose processes are gone, then start supervisors on free slots as long as there is work for them."""
        jobs = [self._checked(job) for job in self._all()]
        orphans = sum(1 for job in jobs if job.status.state is JobState.RUNNING and not lives(job.status.supervisor))
        work = orphans + sum(1 for job in jobs if job.status.state is JobState.QUEUED)
        for slot in range(self._limits.running):
            if work > 0 and not is_held(slot_lock(self._folder, slot)):
                self._start(slot)
                work -= 1

    def _checked(self, job: Job) -> Job:
        """Return the job as it is, written down if its file says something else."""
        found = self._seen(job)
        if found is not job:
            write_status(job.folder, found.status)
        return found

    def _seen(self, job: Job) -> Job:
        """Return the job as it is: one that runs by its file while neither its process nor who looks after it lives is over."""
        status = job.status
        if status.state is not JobState.RUNNING or lives(status.supervisor) or lives(status.process):
            return job
        return replace(job, status=outcome(self._paths, job, None))

    def _write(self, order: Order, number: int) -> Job:
        created = now_ms()
        folder = self._fresh_folder(created)
        arguments = tuple(each.replace(JOB, str(folder)) for each in order.arguments)
        request = Request(folder.name, number, order.kind, order.label, arguments, created, order.run_id)
        with _undone(folder):
            make_folder(folder)
            for name, content in order.files:
                write_bytes(folder / name, content)
            write_status(folder, Status(JobState.QUEUED))
            write_request(folder, request)
            return read_job(folder)

    def _fresh_folder(self, created_ms: int) -> Path:
        while True:
            folder = self._folder / f"{utc_from_ms(created_ms):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
            if not folder.exists():
                return folder

    def _all(self) -> list[Job]:
        return list_jobs(self._folder)

    def _lock(self) -> AbstractContextManager[None]:
        return waiting_for(queue_lock(self._folder))


@contextmanager
def _undone(folder: Path) -> Iterator[None]:
    """Remove a job's folder if what is inside fails: who was refused must not find later that it was done all the same."""
    try:
        yield
    except BaseException:
        (folder / "job.json").unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        raise


def list_jobs(folder: Path) -> list[Job]:
    """Return the sound jobs in ``folder``, in no order; damage is told in the log and hides no other job."""
    found = []
    for entry in folder.iterdir() if folder.is_dir() else ():
        if _JOB_ID.fullmatch(entry.name) and not entry.is_symlink() and (entry / "job.json").is_file():
            try:
                found.append(read_job(entry))
            except CorruptFileError as error:
                log.warning("%s", error)
    return found


def queue_lock(folder: Path) -> Path:
    """Return the file whose lock everybody holds who changes the queue."""
    return folder / "queue.lock"


def slot_lock(folder: Path, slot: int) -> Path:
    """Return the file whose lock the supervisor of a slot holds."""
    return folder / f"slot-{slot}.lock"
