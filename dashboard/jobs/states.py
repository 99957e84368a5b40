"""What a job is and where it stands: ``job.json``, written once, and ``state.json``, replaced whole with every change."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes, read_json
from core.errors import CorruptFileError

SCHEMA_VERSION = 1


class JobKind(StrEnum):
    """What is run; each is a command of the command line."""

    PIPELINE = "pipeline"
    BACKTEST = "backtest"
    OPTIMIZE = "optimize"
    WALKFORWARD = "walkforward"
    RESUME = "resume"
    FETCH = "fetch"


class JobState(StrEnum):
    """Where a job stands; the last four are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for: ``arguments`` of the command line (a list, never a shell), ``label`` for people, ``number`` the place in line."""

    id: str
    number: int
    kind: JobKind
    label: str
    arguments: tuple[str, ...]
    created_ms: int
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be taken for a later one of the same number: ``started`` is when the system began it."""

    pid: int
    started: float


@dataclass(frozen=True, slots=True)
class Status:
    """Where a job stands now. ``run_id`` is the run it made or continues, ``message`` how it ended, in words."""

    state: JobState
    run_id: str | None = None
    started_ms: int | None = None
    ended_ms: int | None = None
    exit_code: int | None = None
    message: str = ""
    process: Process | None = None
    supervisor: Process | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its folder tells it."""

    folder: Path = field(repr=False)
    request: Request
    status: Status

    @property
    def id(self) -> str:
        """The job's id, which is the folder's name."""
        return self.request.id

    @property
    def run_id(self) -> str | None:
        """The run that the job made or continues, None while there is none."""
        return self.status.run_id or self.request.run_id

    @property
    def output(self) -> Path:
        """What the command wrote."""
        return self.folder / "output.log"

    @property
    def cancel_file(self) -> Path:
        """There once somebody asked the job to stop."""
        return self.folder / "cancel"


def write_request(folder: Path, request: Request) -> None:
    """Write ``job.json``, whose presence makes the folder a job."""
    write_bytes(folder / "job.json", dump_bytes({"schema": SCHEMA_VERSION} | asdict(request)))


def write_status(folder: Path, status: Status) -> None:
    """Replace ``state.json``."""
    write_bytes(folder / "state.json", dump_bytes({"schema": SCHEMA_VERSION} | asdict(status)))


def read_job(folder: Path) -> Job:
    """Return the job in ``folder``; CorruptFileError names the file that is not as it was written."""
    request, status = _content(folder / "job.json"), _content(folder / "state.json")
    try:
        if request["id"] != folder.name:
            raise ValueError("the id of another job")
        return Job(folder, _request(request), _status(status))
    except (TypeError, KeyError, ValueError) as error:
        raise CorruptFileError(f"jobs/{folder.name} does not hold what a job's folder should ({error}). Remove the folder.") from error


def _content(path: Path) -> dict[str, Any]:
    name = f"jobs/{path.parent.name}/{path.name}"
    try:
        content = read_json(path)
    except CorruptFileError as error:
        raise CorruptFileError(f"{name} is not valid JSON. Remove the job's folder.") from error
    except OSError as error:
        raise CorruptFileError(f"{name} cannot be read: {error.strerror}. Remove the job's folder.") from error
    if not isinstance(content, dict):
        raise CorruptFileError(f"{name} does not hold what it should. Remove the job's folder.")
    return {key: value for key, value in content.items() if key != "schema"}


def _request(content: dict[str, Any]) -> Request:
    arguments = tuple(str(each) for each in content["arguments"])
    return Request(**content | {"kind": JobKind(content["kind"]), "arguments": arguments, "number": int(content["number"])})


def _status(content: dict[str, Any]) -> Status:
    processes = {name: None if content.get(name) is None else Process(**content[name]) for name in ("process", "supervisor")}
    return Status(**content | processes | {"state": JobState(content["state"])})
