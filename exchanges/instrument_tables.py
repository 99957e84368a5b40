"""Reading the brokers' lists of instruments, which come as CSV."""

import csv
import io
from collections.abc import Sequence

from core.errors import DataError


def read_table(body: bytes, columns: Sequence[Sequence[str]], where: str) -> list[tuple[str, ...]]:
    """Return the wanted ``columns`` of the CSV text ``body``, one tuple per row, blanks around values removed.

    Each column is given by the names it may have. Raises DataError for text that is not UTF-8, a missing column, a row of another
    length than the header, or a list without rows.
    """
    try:
        text = body.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{where}: the list of instruments is no CSV ({type(error).__name__}). Try again later.") from None
    header = [name.strip() for name in _without_end(rows[0])] if rows else []
    at = [_find(header, names, where) for names in columns]
    table: list[tuple[str, ...]] = []
    for number, row in enumerate(rows[1:], 2):
        if not row:
            continue
        if len(row) != len(rows[0]) and len(row) != len(header):
            raise DataError(
                f"{where}: line {number} of the list of instruments has {len(row)} values, its header {len(header)}: it is damaged or cut "
                "short. Try again later."
            )
        table.append(tuple(row[place].strip() for place in at))
    if not table:
        raise DataError(f"{where}: the list of instruments is empty. Try again later.")
    return table


def table_size(body: bytes) -> int:
    """Return the bytes of a list of instruments without reading it; ValueError for what is none, such as the page of a proxy."""
    first = body.partition(b"\n")[0].strip()
    if b"," not in first or first[:1] in (b"<", b"{", b"["):
        raise ValueError("it is no list of instruments")
    return len(body)


def _without_end(header: list[str]) -> list[str]:
    """Return a header without the empty name behind a comma at its end."""
    return header[:-1] if header and not header[-1].strip() else header


def _find(header: Sequence[str], names: Sequence[str], where: str) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    shown = ", ".join(header[:8])[:200]
    raise DataError(f"{where}: the list of instruments has no column {' or '.join(names)}; it begins with {shown!r}. Try again later.")
