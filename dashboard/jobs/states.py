"""What a job is and where it stands: ``job.json``, written once, and ``state.json``, replaced whole with every change."""

import os
import stat
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from core.atomic_files import write_bytes
from core.canonical_json import dump_bytes
from core.errors import CorruptFileError

SCHEMA_VERSION = 1
# Far more than the longest request makes of them.
_LONGEST_FILE = 1 << 20

Stored = TypeVar("Stored")
RunName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Moment = Annotated[int, Field(ge=0, le=253_402_300_799_999)]


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
    number: Annotated[int, Field(ge=0, le=2**53)]
    kind: JobKind
    label: str
    arguments: tuple[str, ...]
    created_ms: Moment
    run_id: RunName | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A process that cannot be taken for a later one of the same number: ``started`` is when the system began it."""

    pid: Annotated[int, Field(gt=0, lt=2**31)]
    started: Annotated[float, Field(allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class Status:
    """Where a job stands now. ``run_id`` is the run it made or continues, ``message`` how it ended, in words."""

    state: JobState
    run_id: RunName | None = None
    started_ms: Moment | None = None
    ended_ms: Moment | None = None
    exit_code: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = None
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
    request, status = _content(folder / "job.json", _REQUEST), _content(folder / "state.json", _STATUS)
    if request.id != folder.name:
        raise CorruptFileError(f"jobs/{folder.name}/job.json is that of another job. Remove the folder.")
    return Job(folder, request, status)


def _content(path: Path, kind: TypeAdapter[Stored]) -> Stored:
    name = f"jobs/{path.parent.name}/{path.name}"
    try:
        return kind.validate_json(_bytes_of(path), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise CorruptFileError(f"{name} does not hold what it should ({where[:80]}). Remove the job's folder.") from error
    except OSError as error:
        raise CorruptFileError(f"{name} cannot be read: {error.strerror}. Remove the job's folder.") from error


def _bytes_of(path: Path) -> bytes:
    """Return what a plain file holds; for what is none, or too large to be a job's, nothing at all."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        state = os.fstat(handle)
        sound = stat.S_ISREG(state.st_mode) and state.st_size <= _LONGEST_FILE
        return os.pread(handle, _LONGEST_FILE, 0) if sound else b""
    finally:
        os.close(handle)


_REQUEST, _STATUS = TypeAdapter(Request), TypeAdapter(Status)
