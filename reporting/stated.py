"""A statistic of significance.json as a text, or why it has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from reporting.gate_texts import finite
from reporting.significance_gates import reason_of

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stated:
    """One figure: ``text`` is its value or n/a, ``more`` what stands beside it: details, or why there is no value."""

    label: str
    definition: str
    text: str
    more: str


def stated(label: str, definition: str, statistic: Content, shown: Callable[[float], str], beside: str = "") -> Stated:
    """Return a figure with its text; where it has no value, the reason takes the place of ``beside``."""
    text, reason = value_or_reason(statistic, shown)
    return Stated(label, definition, text, reason or beside)


def value_or_reason(statistic: Content, shown: Callable[[float], str]) -> tuple[str, str]:
    """Return the text of a statistic's value, and why there is none."""
    value = finite(statistic["value"])
    return ("n/a", reason_of(statistic)) if value is None else (shown(value), "")
