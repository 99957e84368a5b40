"""Jobs: what is asked for, and what is told of them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.schemas.base import Answer, Question, Whole
from dashboard.api.schemas.paging import Page, PageQuery
from dashboard.api.schemas.runs import RunItem

JobKindName = Literal["pipeline", "backtest", "optimize", "walkforward", "resume", "fetch"]
JobStateName = Literal["queued", "running", "finished", "failed", "cancelled", "interrupted"]
Name = Annotated[str, Field(min_length=1, max_length=64)]


class JobPath(BaseModel):
    """A job by its id."""

    job_id: str = Field(
        description="The id of the job.",
        json_schema_extra={"pattern": r"^\d{8}-\d{6}-[0-9a-f]{4}$", "example": "20250102-030405-ab12"},
    )


class FetchBody(Question):
    """Candles to fetch; without dates the last 365 days."""

    exchange: str = Field(default="BINANCE", min_length=1, max_length=40)
    symbols: list[Name] = Field(min_length=1, max_length=50)
    timeframe: str = Field(default="1h", min_length=1, max_length=10)
    start: str | None = Field(default=None, max_length=40, description="First day (UTC), such as 2024-01-01.")
    end: str | None = Field(default=None, max_length=40, description="Day after the last (UTC).")


class JobBody(Question):
    """What to do. ``settings`` for all kinds but ``resume``, which takes ``run``, and ``fetch``, which takes ``fetch``."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"example": {
            "kind": "backtest",
            "settings": {"exchange": "SIMULATED", "symbol": "BTCUSDT", "timeframe": "1h", "start": "2024-01-01", "end": "2024-04-01"},
        }},
    )  # fmt: skip

    kind: JobKindName
    settings: dict[str, Any] | None = Field(
        default=None,
        description="Settings as in a run file, laid over config/run.yaml; what is left out keeps its default. Names only, no files.",
        examples=[{"exchange": "SIMULATED", "symbol": "BTCUSDT", "start": "2024-01-01", "end": "2024-07-01"}],
    )
    run: str | None = Field(default=None, max_length=64, description="The run to continue.")
    fetch: FetchBody | None = None


class JobsQuery(PageQuery):
    """Which jobs are wanted."""

    state: JobStateName | None = Field(default=None, description="Only jobs in this state.")
    kind: JobKindName | None = Field(default=None, description="Only jobs of this kind.")


class JobItem(Answer):
    """A job at a glance; times are UTC milliseconds."""

    id: str
    kind: JobKindName
    title: str
    label: str
    state: JobStateName
    stopping: bool = Field(description="Whether it was asked to stop and has not yet.")
    run: str | None = Field(description="The run that it makes or continues, once there is one.")
    created_ms: int
    started_ms: int | None
    ended_ms: int | None
    exit_code: int | None
    message: str = Field(description="How it ended, in words.")


class JobDetail(JobItem):
    """A job with the command that it runs."""

    command: str


class JobsPage(Page):
    """A page of jobs, the newest first."""

    items: list[JobItem]


class JobResult(Answer):
    """What a job left: itself, and its run at a glance where it has one."""

    job: JobItem
    run: RunItem | None


class LogQuery(Question):
    """From where on the output is wanted."""

    start: Whole = Field(default=0, ge=0, le=2**53, alias="from", description="The byte to begin at: ``next`` of the answer before.")


class LogAnswer(Answer):
    """A piece of a job's output, cut at line ends."""

    text: str
    next: int = Field(description="The byte to go on at.")
    size: int = Field(description="How many bytes there are by now.")
