"""Questions for the trials of a search, and the rows that answer them."""

from typing import Literal

from pydantic import ConfigDict, Field

from dashboard.api.schemas.base import Answer, Format, Number, Order, Whole
from dashboard.api.schemas.paging import Page, PageQuery

Stage = Literal["7.1", "7.2", "7.3"]
TrialState = Literal["complete", "infeasible", "pruned", "screened", "few_trades", "ruined", "undefined", "duplicate", "failed"]


class TrialsQuery(PageQuery):
    """Which search's trials, in which order."""

    stage: Stage | None = Field(default=None, description="The search stage; the one that began last where none is given.")
    window: Whole | None = Field(default=None, ge=0, le=2**31, description="The walk-forward window; the whole series where none is given.")
    state: TrialState | None = Field(default=None, description="Only trials in this state.")
    sort: str = Field(
        default="best",
        max_length=120,
        description="best: complete trials by their value, the others by how far they came; or a column, such as trial, value, param_NAME.",
    )
    order: Order = Field(default="asc", description="The order of a column; best is always the best first.")
    format: Format = Field(default="json", description="json: one page; csv: all rows that fit, as a file.")


class Search(Answer):
    """One search: its stage, and the window it belongs to (null: the whole series)."""

    stage: str
    window: int | None


class Trial(Answer):
    """One trial. Beside these: ``score_K`` at each fidelity, ``param_NAME`` for every parameter, and the metrics of the last fidelity."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"additionalProperties": {"anyOf": [
        {"type": "number"}, {"type": "boolean"}, {"type": "string"}, {"type": "null"},
    ]}})  # fmt: skip

    stage: str
    window: int | None
    trial: int
    state: str
    value: Number = Field(description="The objective of a complete trial.")
    score: Number = Field(description="The last score, at whatever fidelity.")
    fidelity: int | None
    bars: int | None
    duplicate_of: int | None
    error: str | None


class TrialsPage(Page):
    """A page of trials; ``shown`` is null, and there are none, while the search has not begun."""

    items: list[Trial]
    shown: Search | None
    searches: list[Search] = Field(description="All searches that have begun.")
    states: dict[str, int] = Field(description="How many trials of the search shown came to what, before any filter.")
