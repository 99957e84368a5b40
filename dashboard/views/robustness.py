"""How the walk-forward stands up: what the searches were worth, stress, regimes and paths, as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.formatting import true_minus
from dashboard.reading.files import expecting
from reporting.robustness_view import (
    PATH_COLUMNS,
    REGIME_COLUMNS,
    STRESS_COLUMNS,
    depth_scores,
    path_rows,
    regime_rows,
    stress_rows,
)

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TextRow:
    """One row: its name, what it is, and the texts of its cells."""

    label: str
    definition: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table of texts: title of the first column, heads with their definitions, rows."""

    first: str
    heads: tuple[tuple[str, str], ...]
    rows: tuple[TextRow, ...]


@dataclass(frozen=True, slots=True)
class RobustnessView:
    """The tables beneath the windows, empty where a run has no such figures, and the figures of depth over all windows."""

    depth: tuple[tuple[str, str, str], ...]
    stress: TextTable
    regimes: TextTable
    paths: TextTable


def robustness_view(content: dict[str, Any] | None) -> RobustnessView | None:
    """Return the view of walkforward.json, None before there is one. Raises CorruptFileError."""
    if content is None:
        return None
    with expecting("walkforward.json"):
        return RobustnessView(
            depth=tuple((name, true_minus(text), definition) for name, text, definition in depth_scores(content)),
            stress=_table("Scenario", STRESS_COLUMNS, stress_rows(content)),
            regimes=_table("Regime", REGIME_COLUMNS, regime_rows(content)),
            paths=_table("Path", PATH_COLUMNS, path_rows(content)),
        )


def _table(first: str, columns: Mapping[str, tuple[str, str]], rows: Sequence[Mapping[str, Any]]) -> TextTable:
    texts = (TextRow(str(row["label"]), str(row.get("sentence", "")), tuple(map(true_minus, row["cells"]))) for row in rows)
    return TextTable(first, tuple(columns.values()), tuple(texts))
