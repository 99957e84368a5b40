"""How much a file may become in memory: few bytes on the disk can hold billions of rows, and tens of millions of empty lists."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from core.errors import CorruptFileError

# Ten years of minutes, with all columns of their candles.
MAX_CELLS = 60_000_000
# Each list, object or member takes a hundred bytes or so.
MAX_ITEMS = 2_000_000


def load_json(path: Path) -> Any:
    """Return the content of a JSON file. Raises CorruptFileError when it has more members than it could honestly have, ValueError."""
    content = path.read_bytes()
    items = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if items > MAX_ITEMS:
        raise CorruptFileError(f"{path} has {items:,} members, more than the {MAX_ITEMS:,} that it could honestly have.")
    return json.loads(content)


def check_table(path: Path, columns: tuple[str, ...] | None) -> None:
    """Refuse a Parquet file whose ``columns`` (None: all) would take too much memory. Raises CorruptFileError and polars' errors."""
    scan = pl.scan_parquet(path)
    rows = int(scan.select(pl.len()).collect().item())
    width = len(columns if columns is not None else scan.collect_schema())
    if rows * width > MAX_CELLS:
        raise CorruptFileError(f"{path} has {rows:,} rows of {width} columns, more than it could honestly have.")
