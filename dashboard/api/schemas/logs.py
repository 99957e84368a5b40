"""Lines of the logs."""

from typing import Literal

from pydantic import Field

from dashboard.api.schemas.base import Answer, Order
from dashboard.api.schemas.paging import Page, PageQuery

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Package = Literal[
    "core", "config", "exchanges", "market_data", "strategies", "backtest_engine", "optimization", "walkforward", "reporting",
    "dashboard", "pipeline", "libraries",
]  # fmt: skip


class LogsQuery(PageQuery):
    """Which lines, in which order of time."""

    level: Level = Field(default="DEBUG", description="Only lines at least as grave as this.")
    package: Package | None = Field(default=None, description="Only lines of this package.")
    run: str | None = Field(default=None, max_length=64, description="Only lines that name this run or were written while it was at work.")
    text: str | None = Field(default=None, max_length=200, description="Only lines whose message or logger contains this text.")
    sort: Literal["time"] = "time"
    order: Order = "desc"


class LogItem(Answer):
    """A line of a log. The stack trace itself stays in the file."""

    row: int = Field(ge=0, description="The line's place among those asked for.")
    time: int = Field(description="UTC milliseconds.")
    level: Level
    package: Package
    logger: str
    message: str
    traced: bool = Field(description="Whether a stack trace stands beside it in the file.")


class LogsPage(Page):
    """A page of lines, from the last megabyte of each package's log."""

    items: list[LogItem]
    unreadable: int = Field(ge=0, description="How many lines in the files are no records.")
    whole: bool = Field(description="False where the files hold older lines than these.")
