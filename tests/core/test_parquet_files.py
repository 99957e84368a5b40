"""Equal tables are equal bytes, and come back as they were."""

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from core.parquet_files import write_parquet


def test_equal_tables_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    frames = [pl.DataFrame({"time": [1, 2], "equity": [1.5, None], "reason": ["stop", None]}) for _ in range(2)]
    first, second = (write_parquet(tmp_path / "a" / f"{k}.parquet", frame) for k, frame in enumerate(frames))
    assert first.read_bytes() == second.read_bytes()
    assert_frame_equal(pl.read_parquet(first), frames[0])


def test_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    empty = pl.DataFrame(schema={"time": pl.Int64, "reason": pl.String})
    assert pl.read_parquet(write_parquet(tmp_path / "x.parquet", empty)).schema == empty.schema
