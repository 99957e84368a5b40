"""The command line of a job and of who looks after it. Lists of arguments, never a shell."""

import os
import subprocess
import sys
from collections.abc import Mapping

from core.atomic_files import make_folder, storage_errors
from core.errors import StorageError
from core.paths import PROJECT_ROOT, Paths
from dashboard.jobs.states import Request

# What gives access to the dashboard is none of its jobs' business.
_OWN_PREFIX = "DASHBOARD_"


def command_line(request: Request) -> list[str]:
    """Return the command as a user would type it, with the interpreter that runs this."""
    return [sys.executable, str(PROJECT_ROOT / "run_pipeline.py"), *request.arguments]


def child_environment(environment: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """Return ``environment`` without what belongs to the dashboard, with the folders meant, and for plain output at once."""
    kept = {name: value for name, value in environment.items() if not name.upper().startswith(_OWN_PREFIX)}
    folders = {"PIPELINE_DATA_DIR": str(paths.data), "PIPELINE_LOGS_DIR": str(paths.logs)}
    return kept | folders | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "TERM": "dumb"}


def start_supervisor(paths: Paths, slot: int) -> None:
    """Start a supervisor in a session of its own and return once it has the slot; it finds its work itself.

    Raises StorageError when its log cannot be written or it cannot start.
    """
    make_folder(paths.jobs)
    log = paths.jobs / "supervisor.log"
    with storage_errors(log), log.open("ab") as output:
        started = subprocess.run(
            [sys.executable, "-m", "dashboard.jobs.supervisor", str(paths.data), str(paths.logs), str(slot)], cwd=PROJECT_ROOT,
            env=child_environment(os.environ, paths), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True, close_fds=True, check=False,
        )  # fmt: skip
    if started.returncode:
        raise StorageError("the process that looks after jobs could not start: jobs/supervisor.log in the data folder says why.")
