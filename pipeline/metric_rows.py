"""Metrics as rows for the screen: the same labels and formats as in every report."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.tables import TableData
from reporting.metric_table import METRICS, format_metric

# What a person looks at first; the whole list is in the report.
HEADLINE = (
    "net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "total_trades", "win_rate", "profit_factor", "fees", "funding",
    "exposure", "missed_entries",
)  # fmt: skip
# Told only where it is something: most markets know no funding.
_WHERE_PRESENT = ("funding",)


def is_headline(metric: str, values: Iterable[Any]) -> bool:
    """Return whether ``metric`` belongs to what a person looks at first, given its values in all columns."""
    return metric in HEADLINE and (metric not in _WHERE_PRESENT or any(values))


def metric_table(title: str, columns: Sequence[tuple[str, Mapping[str, Any]]]) -> TableData:
    """Return a table with one row per headline metric and one column per (head, metrics) of ``columns``."""
    chosen = [info for info in METRICS if is_headline(info.metric, (metrics.get(info.metric) for _, metrics in columns))]
    rows = tuple((info.label, *(format_metric(info.metric, metrics.get(info.metric)) for _, metrics in columns)) for info in chosen)
    return TableData(title, ("metric", *(head for head, _ in columns)), rows)
