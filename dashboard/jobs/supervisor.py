"""The process that runs jobs one after the other, in a session of its own: it outlives the server that started it.

``python -m dashboard.jobs.supervisor DATA LOGS SLOT``. It ends when nothing waits. If it is killed, the command it looked after goes on,
and the next supervisor looks after that.
"""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from core.clock import monotonic_seconds, now_ms
from core.errors import StorageError
from core.paths import PROJECT_ROOT, Paths
from dashboard.jobs.command import child_environment, command_line
from dashboard.jobs.outcome import outcome, run_of
from dashboard.jobs.processes import lives, process_of, this_process
from dashboard.jobs.queue import list_jobs, queue_lock, slot_lock
from dashboard.jobs.states import Job, JobState, Process, Status, write_status
from dashboard.locks import HeldLock, waiting_for

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
# Between one try to write down an end and the next, while the disk refuses.
_REFUSED_SECONDS = 5.0
# Asked kindly first: Ctrl-C puts away what is in hand; then firmly, then not at all. Seconds since the wish to stop.
_SIGNALS = ((0.0, signal.SIGINT), (10.0, signal.SIGTERM), (15.0, signal.SIGKILL))


@dataclass
class Child:
    """A command at work: one of ours, whose exit code we will know, or one that a dead supervisor left."""

    process: Process
    own: "subprocess.Popen[bytes] | None" = None

    def running(self) -> bool:
        """Return whether it still works."""
        return self.own.poll() is None if self.own is not None else lives(self.process)

    @property
    def exit_code(self) -> int | None:
        """The exit code, None when only its parent could have known."""
        return None if self.own is None else self.own.returncode

    def send(self, number: int) -> None:
        """Send a signal to the command and its workers, which share its group."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def main(arguments: list[str]) -> int:
    """Take the slot, leave the work to a child that nobody has to wait for, and return; 0 also where another supervisor has the slot."""
    data, logs, slot = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    paths = Paths(data, logs)
    held = HeldLock(slot_lock(paths.jobs, slot))
    if not held.take() or os.fork():
        return 0
    # A server that was started in the background ignores Ctrl-C and hands that on; the commands must hear it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    work(paths, held)
    return 0


def work(paths: Paths, held: HeldLock) -> None:
    """Run jobs until none waits; ``held`` is the slot's lock, which is free afterwards."""
    while (job := _next(paths, held)) is not None:
        _look_after(paths, job)


def _next(paths: Paths, held: HeldLock) -> Job | None:
    """Return the job to look after, marked as running; None, with the slot given back, when there is none.

    The slot is given back under the queue's lock: whoever puts a job in line afterwards sees that nobody works and starts somebody.
    """
    with waiting_for(queue_lock(paths.jobs)):
        jobs = sorted(list_jobs(paths.jobs), key=lambda job: job.request.number)
        running = [job for job in jobs if job.status.state is JobState.RUNNING]
        left = next((job for job in running if not lives(job.status.supervisor)), None)
        waiting = next((job for job in jobs if job.status.state is JobState.QUEUED), None)
        chosen = left or waiting
        if chosen is None:
            held.release()
            return None
        started = chosen.status.started_ms or now_ms()
        status = replace(chosen.status, state=JobState.RUNNING, started_ms=started, supervisor=this_process())
        write_status(chosen.folder, status)
        return replace(chosen, status=status)


def _look_after(paths: Paths, job: Job) -> None:
    """Run a job, or wait for one that runs already, and write down how it ended."""
    known = job.status.process
    if known is not None:
        child = Child(known)
    else:
        try:
            child = _begin(paths, job)
        except OSError as error:
            message = f"It could not be started: {error.strerror}."
            _note_end(job.folder, replace(job.status, state=JobState.FAILED, ended_ms=now_ms(), message=message))
            return
    status = replace(job.status, process=child.process)
    _note(job.folder, status)
    status = _wait(paths, replace(job, status=status), child)
    _note_end(job.folder, outcome(paths, replace(job, status=status), child.exit_code))


def _note(folder: Path, status: Status) -> bool:
    """Write down where a job stands; a disk that refuses is no reason to leave a command alone, and only told."""
    try:
        write_status(folder, status)
    except StorageError as error:
        log.warning("%s", error)
        return False
    return True


def _note_end(folder: Path, status: Status) -> None:
    """Write down how a job ended, as soon as the disk takes it; nothing to do where the folder is gone."""
    while folder.is_dir() and not _note(folder, status):
        time.sleep(_REFUSED_SECONDS)


def _begin(paths: Paths, job: Job) -> Child:
    with job.output.open("ab") as output:
        own = subprocess.Popen(
            command_line(job.request), cwd=PROJECT_ROOT, env=child_environment(os.environ, paths), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True, close_fds=True,
        )  # fmt: skip
    return Child(process_of(own.pid) or Process(own.pid, now_ms() / 1000), own)


def _wait(paths: Paths, job: Job, child: Child) -> Status:
    """Wait for the end; note the run as soon as there is one, and pass a wish to stop on, ever more firmly."""
    status, wished, signals = job.status, 0.0, list(_SIGNALS)
    while child.running():
        if status.run_id is None and (run_id := run_of(paths, job)) is not None:
            status = replace(status, run_id=run_id)
            _note(job.folder, status)
        if job.cancel_file.exists():
            wished = wished or monotonic_seconds()
            if signals and monotonic_seconds() - wished >= signals[0][0]:
                child.send(signals.pop(0)[1])
        time.sleep(_POLL_SECONDS)
    run_id = status.run_id or run_of(paths, replace(job, status=status))
    # A run that failed on its settings removes itself.
    left = run_id is not None and (paths.checkpoints / run_id / "run.json").is_file()
    return replace(status, run_id=run_id if left else None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
