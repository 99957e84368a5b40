"""Tables as Parquet files that are whole or absent."""

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import polars as pl

from core.atomic_files import write_atomically, write_bytes


def write_parquet(path: Path, frame: pl.DataFrame) -> Path:
    """Write ``frame`` and return ``path``; equal frames give equal bytes. StorageError when the disk refuses.

    The file is made in memory first: a full disk is then met by a plain write, which says so; polars reports it as a fault of the format.
    """
    content = BytesIO()
    frame.write_parquet(content, compression="zstd")
    write_bytes(path, content.getvalue())
    return path


def write_parquet_pieces(path: Path, pieces: Iterable[pl.DataFrame]) -> Path:
    """Write ``pieces`` (at least one, all of the same columns) below each other, each as a row group, and return ``path``.

    For tables that are too large to be in memory as a whole: one piece at a time is. Equal pieces give equal bytes. StorageError when the
    disk refuses.
    """
    from pyarrow import parquet

    def write(temporary: Path) -> None:
        writer = None
        try:
            for piece in pieces:
                table = piece.to_arrow()
                writer = writer or parquet.ParquetWriter(temporary, table.schema, compression="zstd")
                writer.write_table(table, row_group_size=max(1, len(piece)))
        finally:
            if writer is not None:
                writer.close()

    write_atomically(path, write)
    return path
