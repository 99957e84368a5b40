"""How a job ended, and which run it made: told by its exit code, its last words and the files of the run."""

import os
import re
import signal
from dataclasses import replace

from core.clock import now_ms, utc_from_ms
from core.paths import Paths
from dashboard.jobs.states import Job, JobKind, JobState, Status
from dashboard.reading.small_files import small_json

_TAIL_BYTES = 8192
_LEFT = {128 + signal.SIGINT, 128 + signal.SIGTERM}
_WITHOUT_RUN = (JobKind.FETCH, JobKind.RESUME)
_FAILURE = re.compile(r"(?:unexpected )?error: (.+)")
_UNSEEN = "It ended while nobody looked after it; whether it was done is not known."
_SILENT = "Its process is gone without a word: it was killed, or the machine was switched off."
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def outcome(paths: Paths, job: Job, exit_code: int | None) -> Status:
    """Return the end of a job whose process is gone; ``exit_code`` is None when nobody could ask for it."""
    if exit_code is None:
        job = replace(job, status=replace(job.status, run_id=job.status.run_id or run_of(paths, job)))
    state, message = _judged(paths, job, exit_code)
    return replace(job.status, state=state, exit_code=exit_code, ended_ms=now_ms(), message=message)


def _judged(paths: Paths, job: Job, exit_code: int | None) -> tuple[JobState, str]:
    if exit_code == 0 or (exit_code is None and _said_so(paths, job)):
        return JobState.FINISHED, ""
    if job.cancel_file.exists():
        return JobState.CANCELLED, "Stopped on request. What was finished is saved."
    if exit_code is None:
        return JobState.INTERRUPTED, _UNSEEN if job.request.kind is JobKind.FETCH else _SILENT
    if exit_code in _LEFT or exit_code < 0:
        return JobState.INTERRUPTED, "It was stopped from outside. What was finished is saved."
    return JobState.FAILED, last_words(job)


def last_words(job: Job) -> str:
    """Return the error that the command ended with: the last line that is one, else the last line at all."""
    lines = [line.strip() for line in tail(job).splitlines() if line.strip()]
    errors = [found[1] for line in lines if (found := _FAILURE.match(line))]
    return (errors or lines or ["It ended with an error and said nothing."])[-1][:2000]


def tail(job: Job, limit: int = _TAIL_BYTES) -> str:
    """Return the last ``limit`` bytes of what the command wrote, without colours; "" while there is nothing."""
    try:
        with job.output.open("rb") as output:
            size = output.seek(0, os.SEEK_END)
            output.seek(max(0, size - limit))
            return _COLOURS.sub("", output.read().decode(errors="replace"))
    except FileNotFoundError:
        return ""


def run_of(paths: Paths, job: Job) -> str | None:
    """Return the id of the run that the job's process works on: its lock names the process. None while there is none."""
    process, started = job.status.process, job.status.started_ms
    if job.request.kind in _WITHOUT_RUN or process is None or started is None or not paths.checkpoints.is_dir():
        return None
    # Ids begin with the time; a second before the start allows for the clocks' rounding.
    first = f"{utc_from_ms(started - 1000):%Y%m%d-%H%M%S}"
    for name in sorted((entry.name for entry in paths.checkpoints.iterdir() if entry.name >= first), reverse=True):
        if _holder(paths, name).startswith(f"process {process.pid} on ") and (paths.checkpoints / name / "run.json").is_file():
            return name
    return None


def _holder(paths: Paths, name: str) -> str:
    try:
        return (paths.checkpoints / name / "run.lock").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _said_so(paths: Paths, job: Job) -> bool:
    """Return whether the job's process said in its run's progress file that it was done."""
    if job.run_id is None or job.status.process is None:
        return False
    said = small_json(paths.checkpoints / job.run_id / "progress.json")
    return bool(said.get("state") == "finished" and said.get("pid") == job.status.process.pid)
