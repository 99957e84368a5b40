"""CSV files for spreadsheets: undefined values are empty cells, truth values are words."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from core.atomic_files import write_bytes


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """Write ``header`` and ``rows`` and return ``path``; StorageError when the disk refuses."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    write_bytes(path, stream.getvalue().encode())
    return path


def _cell(value: Any) -> str:
    if value is None or value != value:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
