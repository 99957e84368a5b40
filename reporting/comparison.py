"""The side-by-side table: baseline, the three search stages and walk-forward."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from reporting.metric_table import REPORT_METRICS, format_metric
from reporting.performance_columns import MarketPerformance

COLUMNS = ("baseline", "7.1", "7.2", "7.3", "walkforward")
COLUMN_LABELS = {
    "baseline": "Baseline",
    "7.1": "7.1 integers",
    "7.2": "7.2 floats",
    "7.3": "7.3 timeouts",
    "walkforward": "Walk-forward",
}
NOTE = (
    "Baseline and stages 7.1-7.3 are measured on all candles; the stages were chosen on those very candles, so their numbers flatter. "
    "Walk-forward is measured only on days that its search had not seen, a shorter span: compare ratios, not amounts."
)


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One metric; ``values`` in the order of ``COLUMNS``, None where a value is undefined or a stage found nothing."""

    metric: str
    label: str
    unit: str
    definition: str
    values: tuple[float | None, ...]

    def texts(self) -> list[str]:
        """Return the values as a person reads them, in the order of ``COLUMNS``."""
        return [format_metric(self.metric, value) for value in self.values]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows, in display order."""

    rows: tuple[ComparisonRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return ``{"columns": [...], "rows": [{metric, label, unit, definition, values}]}``."""
        return {"columns": list(COLUMNS), "rows": [asdict(row) for row in self.rows]}


def compare(
    baseline: Mapping[str, Any],
    optimization: Mapping[str, Any],
    walkforward: Mapping[str, Any],
    performance: MarketPerformance,
    periods_per_year: float,
) -> Comparison:
    """Return the table from the contents of baseline.json, optimization.json and walkforward.json and the columns' performance.

    A metric that a column does not have, ``null`` and ``nan`` are None. The definition of an annualized metric names
    ``periods_per_year``, the number of bars that a year was taken to have, or how many days it has.
    """
    stages = optimization["stages"]
    engine: list[Mapping[str, Any]] = [
        baseline["metrics"],
        *((stages.get(stage) or {}).get("metrics") or {} for stage in COLUMNS[1:4]),
        walkforward["stitched"],
    ]
    columns = [{**metrics, **performance.figures(name)} if metrics else {} for name, metrics in zip(COLUMNS, engine, strict=True)]
    years = {
        "annualized by day": f"annualized with {performance.days_per_year:,.7g} days a year",
        "annualized.": f"annualized with {periods_per_year:,.7g} bars a year.",
    }
    rows = (
        ComparisonRow(
            info.metric,
            info.label,
            info.unit,
            _dated(info.definition, years),
            tuple(_number(column.get(info.metric)) for column in columns),
        )
        for info in REPORT_METRICS
    )
    return Comparison(tuple(rows))


def _dated(definition: str, years: Mapping[str, str]) -> str:
    for words, spelled in years.items():
        definition = definition.replace(words, spelled)
    return definition


def _number(value: Any) -> float | None:
    if value is None or value != value:
        return None
    number: float = value
    return number
