"""Runs, their stages, settings and markets."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from dashboard.api.schemas.base import Answer, Number, Order, Question
from dashboard.api.schemas.paging import Page, PageQuery

RunState = Literal["finished", "running", "unfinished", "damaged"]
VerdictWord = Literal["passed", "failed", "open"]


class RunsQuery(PageQuery):
    """Which runs, in which order."""

    q: str | None = Field(
        default=None, max_length=200, description="Only runs whose id, mode, tags, markets or headline contain this text."
    )
    tag: str | None = Field(default=None, max_length=100, description="Only runs with this tag.")
    state: RunState | None = Field(default=None, description="Only runs in this state.")
    verdict: VerdictWord | None = Field(default=None, description="Only runs with a market of this verdict.")
    sort: Literal["created_ms", "run_id", "state", "stages_done"] = "created_ms"
    order: Order = "desc"


class MarketItem(Answer):
    """A market of a run: names as the venue spells them, the quantity in the base currency, and its verdict at a glance."""

    slug: str = Field(description="The market's name in addresses and files.")
    exchange: str
    symbol: str
    timeframe: str
    order_qty: float
    synthetic: bool = Field(description="Whether its prices were generated.")
    verdict: VerdictWord = Field(description="open until there is a report.")
    headline: str


class RunItem(Answer):
    """A run at a glance. ``problem`` says what is wrong with a damaged one and is empty otherwise."""

    run_id: str
    state: RunState
    created_ms: int | None = Field(description="UTC milliseconds; null where a damaged run does not say.")
    mode: str
    sizing: str = Field(description="The method that sizes entries; only with 'fixed' a market's quantity means anything.")
    stages_done: int = Field(ge=0, le=10)
    next_stage: str | None
    problem: str
    tags: list[str]
    markets: list[MarketItem]


class RunsPage(Page):
    """A page of runs."""

    items: list[RunItem]


class MarketsAnswer(Answer):
    """The markets of a run."""

    items: list[MarketItem]
    total: int


class StageItem(Answer):
    """One of the ten stages; ``current`` is the one at work or to be resumed."""

    number: int = Field(ge=1, le=10)
    name: str
    title: str
    state: Literal["done", "current", "waiting"]
    seconds: Number = Field(description="How long it took, all its attempts together; null where that is not known.")


class StagesAnswer(Answer):
    """The ten stages of a run."""

    state: RunState
    items: list[StageItem]


class SettingsAnswer(Answer):
    """The settings of a run: as they were given, and as stage 4 resolved them (null before that). Paths are cut to names."""

    given: dict[str, Any]
    resolved: dict[str, Any] | None


class MarketProgress(Answer):
    """How far the searches and windows of a market are."""

    slug: str
    trials: dict[str, int] = Field(description="Search stage to the number of trials so far.")
    windows: int


class ProgressAnswer(Answer):
    """How far a run has come."""

    state: RunState
    stages_done: list[int]
    markets: list[MarketProgress]
    live: dict[str, Any] | None = Field(description="What the pipeline said last: stage, step, done, total, best so far, rates, time left.")


class TagsBody(Question):
    """The tags that a run shall have, all of them; none removes those it has."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"example": {"tags": ["favourite", "trend"]}})

    tags: list[str] = Field(max_length=50, description="Up to 12 tags of 1 to 100 characters that can be printed.")
    was: list[str] | None = Field(
        default=None,
        max_length=50,
        description="The tags that these were made from: what others have added or removed since then stays added or removed.",
    )


class TagsAnswer(Answer):
    """The tags of a run."""

    run_id: str
    tags: list[str]


class DeletedAnswer(Answer):
    """The run that is gone."""

    run_id: str
    deleted: Literal[True]
