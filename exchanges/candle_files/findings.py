"""What is wrong with a file, collected so that one error tells all of it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from exchanges.candle_files.tables import RawTable

Flags = NDArray[np.bool_]


@dataclass(slots=True)
class Findings:
    """The troubles of one table, each with its count and its first row."""

    table: RawTable
    texts: list[str] = field(default_factory=list)

    def note(self, rule: str, bad: Flags) -> None:
        """Remember that the rows flagged in ``bad`` (bool, one per row) break ``rule``; nothing when none is flagged."""
        count = int(bad.sum())
        if count:
            self.note_row(rule, count, int(np.argmax(bad)))

    def note_row(self, rule: str, count: int, row: int) -> None:
        """Remember that ``count`` rows break ``rule``, the first of them ``row``."""
        self.texts.append(f"{count:,} row(s) {rule}, first {self.table.place(row)}: {self.table.content(row)}")

    def say(self, text: str) -> None:
        """Remember a trouble that is not one of rows."""
        self.texts.append(text)

    def refuse_if_any(self) -> None:
        """Raise DataError with everything that was found."""
        if self.texts:
            listed = "; ".join(self.texts)
            raise DataError(f"{self.table.path}: {listed}. Candles are never repaired silently: fix or replace the file.")
