"""Candles as bare columns, and as the bytes of one Parquet part."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from core.candle_checks import PRICE_NAMES
from core.candles import Candles
from core.market import Market

Columns = dict[str, NDArray[Any]]
TIME = "timestamp"
PLAIN_NAMES = (TIME, *PRICE_NAMES, "volume")
ALL_NAMES = (*PLAIN_NAMES, "quote_volume")


def columns_of(candles: Candles) -> Columns:
    """Return the columns of ``candles``; a volume of -0.0 becomes 0.0, for equal bars must have equal bytes."""
    columns: Columns = {TIME: candles.open_ms} | {name: getattr(candles, name) for name in PRICE_NAMES}
    columns["volume"] = candles.volume + 0.0
    if candles.quote_volume is not None:
        columns["quote_volume"] = candles.quote_volume + 0.0
    return columns


def candles_of(market: Market, columns: Columns, *, has_volume: bool) -> Candles:
    """Return columns that were checked when they were stored, and whose bytes were verified, as candles without another check."""
    for array in columns.values():
        array.flags.writeable = False
    open_ms, open_, high, low, close, volume = (columns[name] for name in PLAIN_NAMES)
    return Candles(market, open_ms, open_, high, low, close, volume, columns.get("quote_volume"), has_volume)


def encode(columns: Columns, label: Mapping[str, str]) -> bytes:
    """Return the bytes of a Parquet file with these columns and ``label`` in its metadata; equal input gives equal bytes.

    Times are stored as differences, which takes next to nothing, the rest plainly under lz4: what reads fastest, its SHA-256 included.
    zstd makes files a fifth smaller and takes twice as long; without compression they are as fast but twice as large
    (benchmarks/store.py).
    """
    import pyarrow as pa  # only for writing, where the encoding of a column can be chosen
    import pyarrow.parquet as pq

    schema = pa.schema([pa.field(name, pa.int64() if name == TIME else pa.float64(), nullable=False) for name in columns])
    table = pa.table([pa.array(values) for values in columns.values()], schema=schema)
    content = BytesIO()
    with pq.ParquetWriter(
        content, schema, compression="lz4", use_dictionary=False, write_statistics=False, store_schema=False,
        column_encoding={name: "DELTA_BINARY_PACKED" if name == TIME else "PLAIN" for name in columns},
    ) as writer:  # fmt: skip
        writer.write_table(table, row_group_size=len(table))
        writer.add_key_value_metadata(dict(label))
    return content.getvalue()


def decode(contents: list[bytes]) -> Columns:
    """Return the columns of parts, in order, as one series; the bytes are ones that were verified."""
    frame = pl.read_parquet(contents)
    return {name: np.ascontiguousarray(frame[name].to_numpy()) for name in frame.columns}


def label_of(content: bytes) -> dict[str, str]:
    """Return the metadata of a part."""
    return pl.read_parquet_metadata(BytesIO(content))


def rows_at(columns: Columns, rows: slice | NDArray[Any]) -> Columns:
    """Return some rows of every column."""
    return {name: values[rows] for name, values in columns.items()}


def stacked(tables: Sequence[Columns]) -> Columns:
    """Return the rows of all ``tables`` one below the other; all have the same columns, and there is at least one."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
