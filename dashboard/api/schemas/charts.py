"""Questions for charts, and the figures that answer them."""

from typing import Any, Literal

from pydantic import Field

from dashboard.api.schemas.base import Answer, Format, Whole
from dashboard.api.schemas.tables import Source, SpanQuery

Curve = Literal["baseline", "7.1", "7.2", "7.3", "walkforward"]
_FOR_ALL = frozenset({"start_ms", "end_ms", "source", "format"})


class ChartQuery(SpanQuery):
    """Which part of a chart, and how. Each chart heeds what concerns it, and takes no notice of what only others are asked."""

    source: Source = Field(default="baseline", description="The backtest, where a chart shows only one.")
    format: Format = Field(default="json", description="json: a figure as Plotly takes it; csv: its points as a file.")
    side: Literal["", "long", "short"] | None = Field(default=None, description="Mark only trades of this side.")
    tier: Literal["", "1", "2", "3", "4"] | None = Field(default=None, description="Mark only trades whose entry came to this tier.")
    reason: str | None = Field(default=None, max_length=60, description="Mark only trades that ended for this reason.")
    result: Literal["", "won", "lost"] | None = Field(default=None, description="Mark only trades with a profit, or only those without.")
    stage: Literal["7.1", "7.2", "7.3"] | None = Field(default=None, description="The search stage.")
    window: Whole | None = Field(default=None, ge=0, le=2**31, description="The walk-forward window of the search.")
    x: str | None = Field(default=None, max_length=120, description="The parameter or objective across a map.")
    y: str | None = Field(default=None, max_length=120, description="The parameter or objective up a map.")
    columns: Whole | None = Field(default=None, ge=1, le=4, description="In how many columns small plots stand.")

    curve: Curve | None = Field(default=None, description="The account that a chart of one account shows.")
    days: Literal["30", "90", "180", "365"] | None = Field(default=None, description="Over how many days a rolling figure looks back.")

    def options(self) -> dict[str, str]:
        """Return what single charts are asked, as texts."""
        given = {name: getattr(self, name) for name in self.model_fields_set if name not in _FOR_ALL}
        return {name: str(value) for name, value in given.items() if value is not None}


class FigureAnswer(Answer):
    """A chart as Plotly takes it. ``meta.empty`` says why there is nothing to draw."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    meta: dict[str, Any]
