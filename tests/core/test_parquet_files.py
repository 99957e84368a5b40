"""Equal tables are equal bytes, and come back as they were."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from core.errors import StorageError
from core.parquet_files import write_parquet, write_parquet_pieces


def test_equal_tables_are_equal_bytes_and_come_back(tmp_path: Path) -> None:
    frames = [pl.DataFrame({"time": [1, 2], "equity": [1.5, None], "reason": ["stop", None]}) for _ in range(2)]
    first, second = (write_parquet(tmp_path / "a" / f"{k}.parquet", frame) for k, frame in enumerate(frames))
    assert first.read_bytes() == second.read_bytes()
    assert_frame_equal(pl.read_parquet(first), frames[0])


def test_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    empty = pl.DataFrame(schema={"time": pl.Int64, "reason": pl.String})
    assert pl.read_parquet(write_parquet(tmp_path / "x.parquet", empty)).schema == empty.schema


def test_pieces_are_the_table_they_make_up_and_equal_ones_give_equal_bytes(tmp_path: Path) -> None:
    pieces = [
        pl.DataFrame({"trial": [k, k], "return": [0.1 * k, None]}, schema={"trial": pl.Int32, "return": pl.Float64}) for k in range(3)
    ]
    paths = [write_parquet_pieces(tmp_path / name, iter(pieces)) for name in ("one", "two")]
    assert pl.read_parquet(paths[0]).equals(pl.concat(pieces))
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["one", "two"]


def test_pieces_that_fail_on_the_way_leave_the_file_of_before(tmp_path: Path) -> None:
    path = write_parquet_pieces(tmp_path / "x", [pl.DataFrame({"a": [1]})])
    before = path.read_bytes()

    def failing() -> Iterator[pl.DataFrame]:
        yield pl.DataFrame({"a": [2]})
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(StorageError, match="the disk is full"):
        write_parquet_pieces(path, failing())
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["x"]
