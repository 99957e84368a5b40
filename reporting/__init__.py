"""Reports: the comparison, the verdict with its gates, and the files that a run publishes."""

from reporting.comparison import COLUMN_LABELS, COLUMNS, Comparison, ComparisonRow, compare
from reporting.gates import Gate, GateThresholds
from reporting.metric_info import MetricInfo
from reporting.metric_table import METRIC_BY_NAME, METRICS, REPORT_METRICS, format_metric
from reporting.publish import publish_report
from reporting.schema import RESULT_SCHEMA, read_result
from reporting.verdict import Verdict, judge

__all__ = [
    "COLUMNS",
    "COLUMN_LABELS",
    "METRICS",
    "METRIC_BY_NAME",
    "REPORT_METRICS",
    "RESULT_SCHEMA",
    "Comparison",
    "ComparisonRow",
    "Gate",
    "GateThresholds",
    "MetricInfo",
    "Verdict",
    "compare",
    "format_metric",
    "judge",
    "publish_report",
    "read_result",
]
