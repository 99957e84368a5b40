"""From bytes to a raw table: names as they stand in the file, values untouched, and where each row is found."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import polars as pl

from core.errors import DataError
from exchanges.candle_files.csv_layout import read_csv_layout, require_even_rows
from exchanges.candle_files.opening import FileKind, read_bytes


@dataclass(frozen=True, slots=True)
class RawTable:
    """The columns of a candle file; ``first_line`` is the line of the first row in a text file, None in a binary one."""

    path: Path
    frame: pl.DataFrame
    first_line: int | None

    def place(self, row: int) -> str:
        """Return where a person finds ``row`` (counted from 0): its line in a text file, its number otherwise."""
        return f"row {row}" if self.first_line is None else f"line {row + self.first_line}"

    def content(self, row: int) -> str:
        """Return the cells of ``row`` as ``name=value`` pairs, at most eight."""
        cells = [f"{name}={'' if value is None else value}"[:60] for name, value in self.frame.row(row, named=True).items()]
        return ", ".join(cells[:8]) + (", ..." if len(cells) > 8 else "")


def read_table(path: Path) -> RawTable:
    """Return the table in ``path``; DataError for a file that cannot be read as what its suffix says, or that has no rows."""
    kind, content = read_bytes(path)
    table = _read_csv(path, content) if kind is FileKind.CSV else RawTable(path, _read_binary(path, kind, content), None)
    if not table.frame.height:
        raise DataError(f"{path} has columns ({', '.join(table.frame.columns)}) but no rows: it holds no candles.")
    return table


def _read_binary(path: Path, kind: FileKind, content: bytes) -> pl.DataFrame:
    read = pl.read_parquet if kind is FileKind.PARQUET else pl.read_ipc
    try:
        return read(BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise DataError(f"{path} is a damaged {kind} file ({_first_line(error)}). Write or download it again.") from error


def _read_csv(path: Path, content: bytes) -> RawTable:
    layout = read_csv_layout(path, content)
    try:
        frame = pl.read_csv(content.rstrip(), has_header=layout.has_header, separator=layout.separator, infer_schema=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        require_even_rows(path, content, layout)
        raise DataError(f"{path} is no well-formed CSV file ({_first_line(error)}). Write or download it again.") from error
    if frame.width != len(layout.names):
        require_even_rows(path, content, layout)
    return RawTable(path, frame.rename(dict(zip(frame.columns, layout.names, strict=True))), 2 if layout.has_header else 1)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:160]
