"""The table that sets baseline, the search stages and walk-forward side by side."""

from dataclasses import dataclass
from typing import Any

from dashboard.formatting import compact, number, sign
from dashboard.reading.files import expecting
from reporting.comparison import COLUMN_LABELS, NOTE
from reporting.metric_table import REPORT_METRIC_BY_NAME

_SIGNED = {
    "net_pnl", "return_pct", "gross_pnl", "sharpe_ratio", "sortino_ratio", "calmar_ratio", "cagr", "expectancy", "recovery_factor",
    "excess_return", "alpha", "information_ratio", "daily_sharpe_ratio",
}  # fmt: skip
_SHOWN_UNITS = {"%", "quote", "days", "bars"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is written, and the class that colours it."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One metric across all columns."""

    label: str
    unit: str
    definition: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Column titles and rows of metrics."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = NOTE


def comparison_view(report: dict[str, Any] | None) -> Comparison | None:
    """Return the comparison of a market's report, None before there is one. Raises CorruptFileError."""
    if report is None:
        return None
    with expecting("report.json"):
        table = report["comparison"]
        columns = tuple(COLUMN_LABELS.get(str(name), str(name)) for name in table["columns"])
        return Comparison(columns, tuple(_row(row, len(columns)) for row in table["rows"]))


def _row(row: dict[str, Any], width: int) -> Row:
    metric, unit = str(row["metric"]), str(row.get("unit") or "")
    values = list(row["values"])
    if len(values) != width:
        raise ValueError("a row of another width than the table")
    cells = tuple(Cell(_text(metric, value), sign(value) if metric in _SIGNED else "") for value in values)
    return Row(str(row["label"]), unit if unit in _SHOWN_UNITS else "", str(row.get("definition") or ""), cells)


def _text(metric: str, value: Any) -> str:
    info = REPORT_METRIC_BY_NAME.get(metric)
    return compact(value) if info is None or isinstance(value, bool) else number(value, info.decimals)
