"""Questions about several runs at once."""

from pydantic import Field

from dashboard.api.schemas.base import Format
from dashboard.api.schemas.tables import Source, SpanQuery


class CompareQuery(SpanQuery):
    """Whose curves are compared, and which."""

    run: list[str] = Field(
        min_length=1, max_length=5, description="The ids of the runs.", json_schema_extra={"example": ["20250102-030405-ab12"]}
    )
    source: Source = Field(default="walkforward", description="The backtest whose curves are wanted.")
    format: Format = Field(default="json", description="json: a figure as Plotly takes it; csv: all its points as a file.")
