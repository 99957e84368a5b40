"""Metrics as rows for the screen: the same labels and formats as in every report."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.tables import TableData
from reporting.metric_table import METRICS, format_metric

# What a person looks at first; the whole list is in the report.
HEADLINE = (
    "net_pnl", "return_pct", "sharpe_ratio", "max_drawdown", "total_trades", "win_rate", "profit_factor", "fees", "exposure",
    "missed_entries",
)  # fmt: skip


def metric_table(title: str, columns: Sequence[tuple[str, Mapping[str, Any]]], names: Sequence[str] | None = None) -> TableData:
    """Return a table with one row per metric (all, or ``names``) and one column per (head, metrics) of ``columns``."""
    chosen = [info for info in METRICS if names is None or info.metric in names]
    rows = tuple((info.label, *(format_metric(info.metric, metrics.get(info.metric)) for _, metrics in columns)) for info in chosen)
    return TableData(title, ("metric", *(head for head, _ in columns)), rows)
