"""A published report as the terminal shows it: comparison, gates, verdict."""

from collections.abc import Mapping
from typing import Any

from pipeline.metric_rows import is_headline
from pipeline.screen import Screen
from pipeline.tables import TableData
from reporting import COLUMN_LABELS, GATES, evidence_rows, format_metric, number_beside
from reporting.selection import SelectedMarket

_MORE = ("sortino_ratio", "volatility", "average_bars_held")


def comparison_table(label: str, report: Mapping[str, Any], *, whole: bool = False) -> TableData:
    """Return baseline, search stages and walk-forward side by side; ``whole`` shows every metric."""
    comparison = report["comparison"]
    heads = ("metric", *(COLUMN_LABELS.get(name, name) for name in comparison["columns"]))
    rows = tuple(
        (row["label"], *(format_metric(row["metric"], value) for value in row["values"]))
        for row in comparison["rows"]
        if whole or row["metric"] in _MORE or is_headline(row["metric"], row["values"])
    )
    return TableData(f"Side by side: {label}", heads, rows)


def gate_table(label: str, report: Mapping[str, Any]) -> TableData:
    """Return the gates of the verdict, each with its result in a word."""
    rows = tuple(
        (
            "passed" if gate["passed"] else "failed",
            _label(gate["name"]),
            number_beside(gate["value"], gate["threshold"]),
            f"{gate['comparison']} {gate['threshold']:,.10g}",
            gate["sentence"],
        )
        for gate in report["verdict"]["gates"]
    )
    return TableData(f"Gates: {label}", ("", "gate", "value", "limit", "in words"), rows, (0, 1, 4))


def _label(name: str) -> str:
    """Return what a gate is called; those of older runs by their names."""
    return GATES[name].label if name in GATES else name.replace("_", " ").capitalize()


def luck_table(label: str, significance: Mapping[str, Any]) -> TableData:
    """Return every figure behind the gates that ask whether the result is luck."""
    rows = tuple((row.label, row.value, row.meaning) for row in evidence_rows(significance))
    return TableData(f"How much of it may be luck: {label}", ("figure", "value", "what it says"), rows, (0, 2))


def show_verdict(screen: Screen, market: SelectedMarket, report: Mapping[str, Any]) -> None:
    """Write the verdict of one market: headline and paragraph."""
    verdict = report["verdict"]
    headline = f"Verdict for {market.label}: {verdict['headline']}"
    (screen.good if verdict["passed"] else screen.bad)(headline)
    screen.line(verdict["text"])
