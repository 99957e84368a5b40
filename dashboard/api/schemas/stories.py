"""Questions for stories, and what they tell."""

from typing import Literal

from pydantic import Field

from dashboard.api.schemas.base import Answer, Number, Question, Whole
from dashboard.api.schemas.paths import MarketPath


class StoryPath(MarketPath):
    """A trade, or an entry that was not filled whole, by its row in the run's table."""

    row: Whole = Field(ge=0, le=2**31, description="The row, from 0 on.", json_schema_extra={"example": 0})


class StoryQuery(Question):
    """Whose trade it is."""

    source: Literal["baseline", "optimized", "walkforward"] = Field(
        default="baseline",
        description="The backtest. A trade of the walk-forward is told with the parameters and in the account of its window.",
    )


class StoryBar(Answer):
    """One bar: its candle, what happened in it, and the prices that hold from its close on."""

    time: int = Field(description="When the bar opens, UTC milliseconds.")
    open: Number
    high: Number
    low: Number
    close: Number
    volume: Number
    equity: Number
    levels: dict[str, Number] = Field(description="stop, target and liquidation, those that there are.")
    events: list[str] = Field(description="Sentences, in order.")


class Story(Answer):
    """A trade or entry, bar by bar; ``note`` says what is left out of a very long one."""

    bars: list[StoryBar]
    total: int
    note: str
