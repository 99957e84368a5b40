"""A statistic of significance.json as a text, or why it has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

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
    if statistic["value"] is None:
        return "n/a", statistic["reason"] or "no reason was given"
    return shown(statistic["value"]), ""


def share(fraction: float | None) -> str:
    """Return a fraction in percent."""
    return "n/a" if fraction is None else f"{100 * fraction:.1f} %"


def two(value: float | None) -> str:
    """Return a number with two decimal places."""
    return "n/a" if value is None else f"{value:,.2f}"
