"""Tables as Parquet files that are whole or absent."""

from io import BytesIO
from pathlib import Path

import polars as pl

from core.atomic_files import write_bytes


def write_parquet(path: Path, frame: pl.DataFrame) -> Path:
    """Write ``frame`` and return ``path``; equal frames give equal bytes. StorageError when the disk refuses.

    The file is made in memory first: a full disk is then met by a plain write, which says so; polars reports it as a fault of the format.
    """
    content = BytesIO()
    frame.write_parquet(content, compression="zstd")
    write_bytes(path, content.getvalue())
    return path
