"""Reports: the comparison, the verdict with its gates, and the files that a run publishes."""

from reporting.comparison import COLUMN_LABELS, COLUMNS, Comparison, ComparisonRow, compare
from reporting.evidence_rows import EvidenceRow, evidence_rows
from reporting.gate import GATES, Gate, GateInfo
from reporting.gate_texts import number_beside
from reporting.gates import Evidence
from reporting.metric_info import MetricInfo
from reporting.metric_table import METRIC_BY_NAME, METRICS, REPORT_METRICS, format_metric
from reporting.publish import publish_report
from reporting.schema import RESULT_SCHEMA, read_result, read_significance
from reporting.verdict import Verdict, judge

__all__ = [
    "COLUMNS",
    "COLUMN_LABELS",
    "GATES",
    "METRICS",
    "METRIC_BY_NAME",
    "REPORT_METRICS",
    "RESULT_SCHEMA",
    "Comparison",
    "ComparisonRow",
    "Evidence",
    "EvidenceRow",
    "Gate",
    "GateInfo",
    "MetricInfo",
    "Verdict",
    "compare",
    "evidence_rows",
    "format_metric",
    "judge",
    "number_beside",
    "publish_report",
    "read_result",
    "read_significance",
]
