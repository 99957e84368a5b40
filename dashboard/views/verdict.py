"""The verdict and its gates in the order of the report."""

import math
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import compact, number
from dashboard.reading.files import expecting
from reporting.gate import GATES
from reporting.gate_texts import digits_beside


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: the value found, the threshold it is held against, and the sentence that says so."""

    name: str
    passed: bool
    value: str
    threshold: str
    sentence: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    """The verdict in words and its gates."""

    passed: bool
    headline: str
    text: str
    gates: tuple[Gate, ...]


def verdict_view(report: dict[str, Any] | None) -> VerdictView | None:
    """Return the verdict of a market's report, None before there is one. Raises CorruptFileError."""
    if report is None:
        return None
    with expecting("report.json"):
        verdict = report["verdict"]
        return VerdictView(
            verdict["passed"] is True, str(verdict["headline"]), str(verdict["text"]), tuple(_gate(gate) for gate in verdict["gates"])
        )


def _gate(gate: dict[str, Any]) -> Gate:
    value, comparison = (
        gate["value"],
        {">=": "at least", "<=": "at most", ">": "above", "<": "below"}.get(str(gate["comparison"]), str(gate["comparison"])),
    )
    shown = number(value, 0 if isinstance(value, int) else _decimals(value, gate["threshold"]))
    threshold = f"{comparison} {compact(gate['threshold'])}"
    name = str(gate["name"])
    return Gate(GATES[name].label if name in GATES else name, gate["passed"] is True, shown, threshold, str(gate["sentence"]))


def _decimals(value: Any, threshold: Any) -> int:
    """Return with how many decimals a value does not seem to contradict the result; two for what is no number."""
    comparable = all(isinstance(each, int | float) and math.isfinite(each) for each in (value, threshold))
    return digits_beside(value, threshold) if comparable else 2
