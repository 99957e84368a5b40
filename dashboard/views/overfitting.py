"""What the verdict rests on: every statistic with its value or why it has none, and the gates that judge them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.formatting import UNDEFINED, true_minus
from dashboard.reading.files import expecting
from reporting.gate_texts import percent, percent_of_limit
from reporting.shapes import require_shape
from reporting.significance_schema import SIGNIFICANCE
from reporting.significance_view import significance_context

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure and what stands beside it: its details, or why there is none."""

    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class LuckRow:
    """One question with its answers."""

    label: str
    definition: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class OverfittingView:
    """The sentences on what was tried, and the tables: tests, accounts, counts of trials, other sets of trials, drawdowns, ruin.

    ``uncomputed`` are reasons, each with the names of what it kept from being computed.
    """

    sentences: tuple[str, ...]
    tests: tuple[LuckRow, ...]
    accounts: tuple[LuckRow, ...]
    counts: tuple[LuckRow, ...]
    spread: str
    variants: tuple[LuckRow, ...]
    drawdowns: tuple[LuckRow, ...]
    ruin: tuple[tuple[str, str], ...]
    note: str
    uncomputed: tuple[tuple[str, str], ...]


def checked_significance(content: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the content of a significance.json whose fields can be relied on. Raises CorruptFileError for any other."""
    if content is not None:
        require_shape(content, SIGNIFICANCE, Path("significance.json"))
    return content


def overfitting_view(content: dict[str, Any] | None) -> OverfittingView | None:
    """Return the view of significance.json, None where there is none. Raises CorruptFileError."""
    found = checked_significance(content)
    context = significance_context(found)
    if found is None or context is None:
        return None
    with expecting("significance.json"):
        tests = tuple(LuckRow(each.label, each.definition, (_cell(each.text, each.more),)) for each in context["tests"])
        return OverfittingView(
            sentences=tuple(map(true_minus, context["sentences"])),
            tests=tests,
            accounts=tuple(_account(row) for row in context["accounts"]),
            counts=tuple(LuckRow(name, text, (_cell(trials), _cell(value))) for name, text, trials, value in context["counts"]),
            spread=true_minus(context["spread"]),
            variants=tuple(_variant(row) for row in context["variants"]),
            drawdowns=tuple(LuckRow(row[0], "", tuple(map(_cell, row[1:]))) for row in context["drawdowns"]),
            ruin=tuple((percent_of_limit(each["level"]), percent(each["probability"])) for each in found["monte_carlo"]["ruin"] or ()),
            note=context["note"],
            uncomputed=_uncomputed(tests),
        )


def _uncomputed(tests: Sequence[LuckRow]) -> tuple[tuple[str, str], ...]:
    """Return every reason why something could not be computed, with the names of all that it is the reason of."""
    named: dict[str, list[str]] = {}
    for row in tests:
        if row.cells[0].text == UNDEFINED:
            named.setdefault(row.cells[0].more, []).append(row.label)
    return tuple((reason[:1].upper() + reason[1:], "; ".join(labels)) for reason, labels in named.items())


def _cell(text: str, more: str = "") -> Cell:
    return Cell(true_minus(text), true_minus(more))


def _account(row: Content) -> LuckRow:
    return LuckRow(row["label"], row["definition"], tuple(_cell(*each) for each in row["cells"]))


def _variant(row: Content) -> LuckRow:
    cells = (Cell("n/a", true_minus(row["reason"])),) if row["reason"] else tuple(map(_cell, row["cells"]))
    return LuckRow(row["label"], "", cells)


def gate_limits(report: Content | None) -> dict[str, float]:
    """Return the thresholds of the gates of a market's report by name; none before there is one. Raises CorruptFileError."""
    if report is None:
        return {}
    with expecting("report.json"):
        return {str(gate["name"]): float(gate["threshold"]) for gate in report["verdict"]["gates"]}
