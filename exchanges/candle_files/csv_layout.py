"""The layout of a CSV file, told from its first lines: separator, header, names."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from exchanges.candle_files.columns import has_candle_names

# The archive files of Binance; they come with and without this header.
ARCHIVE_NAMES = (
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "close_time",
    "quote_volume",
    "count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
    "ignore",
)
_SEPARATORS = (",", ";", "\t")
_BANNER_LINES = 20


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How to read the rows; ``names`` has one entry per column, repeated names made different with a number."""

    separator: str
    has_header: bool
    names: tuple[str, ...]


def read_csv_layout(path: Path, content: bytes) -> CsvLayout:
    """Return the layout; DataError for text that is not UTF-8, for lines before the header and for columns without names."""
    lines = _first_lines(path, content)
    separator = max(_SEPARATORS, key=lines[0].count)
    header = _cells(lines[0], separator)
    if not _is_number(header[0]):
        _refuse_banner(path, lines, separator)
        return CsvLayout(separator, True, _unique(header))
    if len(header) != len(ARCHIVE_NAMES):
        raise DataError(
            f"{path} has {len(header)} columns and no header (line 1: {lines[0][:80]}). Only Binance's archive layout of "
            f"{len(ARCHIVE_NAMES)} columns may come without: add a first line such as timestamp,open,high,low,close,volume."
        )
    return CsvLayout(separator, False, ARCHIVE_NAMES)


def require_even_rows(path: Path, content: bytes, layout: CsvLayout) -> None:
    """Raise DataError when lines have more cells than the first, with their count and the first of them."""
    width = len(layout.names)
    try:
        uneven = [(number, cells) for number, cells in _rows(content, layout.separator) if len(cells) > width]
    except csv.Error:  # a cell without end: the reader's own message stands
        return
    if uneven:
        number, cells = uneven[0]
        raise DataError(
            f"{path}: {len(uneven)} line(s) have more than the {width} cells of line 1, first line {number}: "
            f"{layout.separator.join(cells)[:120]}. Remove or complete them."
        )


def _first_lines(path: Path, content: bytes) -> list[str]:
    head = content[:65_536]
    try:
        # A multi-byte character may be cut by the limit, never by the end of the file.
        text = head.decode("utf-8-sig", errors="strict" if len(head) == len(content) else "ignore")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text (byte {error.start} is 0x{head[error.start]:02x}). Save it as UTF-8.") from error
    return text.splitlines()[:_BANNER_LINES] or [""]


def _refuse_banner(path: Path, lines: list[str], separator: str) -> None:
    """Refuse a title above the header: the columns have names, but not in the first line."""
    if has_candle_names(_cells(lines[0], separator)):
        return
    for number, line in enumerate(lines[1:], 2):
        if any(has_candle_names(_cells(line, each)) for each in _SEPARATORS):
            raise DataError(
                f"{path}: {number - 1} line(s) stand before the header, first line 1: {lines[0][:120]}. "
                f"Remove them: the header, now line {number} ({line[:80]}), must be the first line."
            )


def _cells(line: str, separator: str) -> list[str]:
    return next(csv.reader([line], delimiter=separator), []) or [""]


def _rows(content: bytes, separator: str) -> Iterator[tuple[int, list[str]]]:
    return enumerate(csv.reader(content.decode("utf-8-sig", errors="replace").splitlines(), delimiter=separator), 1)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _unique(names: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(unique)
