"""Questions for charts, and the figures that answer them."""

from typing import Any

from pydantic import ConfigDict, Field

from dashboard.api.schemas.base import Answer, Format
from dashboard.api.schemas.tables import Source, SpanQuery


class ChartQuery(SpanQuery):
    """Which part of a chart; what a single chart is asked beside this is its own matter and has a name and a short text."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)

    source: Source = Field(default="baseline", description="The backtest, where a chart shows only one.")
    format: Format = Field(default="json", description="json: a figure as Plotly takes it; csv: its points as a file.")


class FigureAnswer(Answer):
    """A chart as Plotly takes it. ``meta.empty`` says why there is nothing to draw."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    meta: dict[str, Any]
