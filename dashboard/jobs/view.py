"""A job as pages and scripts see it: no process numbers, no paths of this machine."""

import shlex
from pathlib import Path
from typing import Any

from core.paths import PROJECT_ROOT
from dashboard.jobs.states import Job, JobKind, JobState

KIND_TITLES = {
    JobKind.PIPELINE: "Whole run",
    JobKind.BACKTEST: "Backtest",
    JobKind.OPTIMIZE: "Optimization",
    JobKind.WALKFORWARD: "Walk-forward",
    JobKind.RESUME: "Resumed run",
    JobKind.FETCH: "Fetching candles",
}


def job_row(job: Job) -> dict[str, Any]:
    """Return what a list shows and the API answers; times are UTC milliseconds."""
    status = job.status
    return {
        "id": job.id,
        "kind": str(job.request.kind),
        "title": KIND_TITLES[job.request.kind],
        "label": job.request.label,
        "state": str(status.state),
        "stopping": status.state is JobState.RUNNING and job.cancel_file.exists(),
        "run": job.run_id,
        "created_ms": job.request.created_ms,
        "started_ms": status.started_ms,
        "ended_ms": status.ended_ms,
        "exit_code": status.exit_code,
        "message": status.message,
    }


def command_text(job: Job) -> str:
    """Return the command as somebody at a terminal would type it, with the job's own file named from the data folder."""
    return shlex.join(["python", "run_pipeline.py", *(_shown(each, job.folder) for each in job.request.arguments)])


def _shown(argument: str, folder: Path) -> str:
    if not argument.startswith(str(folder)):
        return argument
    return (
        str(Path(argument).relative_to(PROJECT_ROOT))
        if Path(argument).is_relative_to(PROJECT_ROOT)
        else f"jobs/{folder.name}/{Path(argument).name}"
    )
