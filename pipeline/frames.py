"""Tables and candles of a run as Parquet files that are whole or absent."""

from io import BytesIO
from pathlib import Path

import polars as pl

from core.atomic_files import write_bytes
from core.candles import Candles
from core.errors import CorruptFileError
from pipeline.selection import SelectedMarket


def write_frame(path: Path, frame: pl.DataFrame) -> Path:
    """Write ``frame`` as Parquet; equal frames give equal bytes. StorageError when the disk refuses."""
    content = BytesIO()  # in memory first: a full disk is then met by a plain write, whose error says so
    frame.write_parquet(content, compression="zstd")
    write_bytes(path, content.getvalue())
    return path


def read_frame(path: Path) -> pl.DataFrame:
    """Return a table that a stage wrote; CorruptFileError names a file that is absent or no Parquet."""
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CorruptFileError(f"{path} cannot be read: {' '.join(str(error).split())}. Remove its stage.json and resume.") from error


def write_candles(path: Path, candles: Candles) -> Path:
    """Write candles as they are."""
    return write_frame(path, candles.to_polars())


def read_candles(path: Path, market: SelectedMarket, *, has_volume: bool) -> Candles:
    """Return the candles that ``write_candles`` wrote, checked again."""
    frame = read_frame(path)
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    return Candles.from_arrays(market.market, columns, has_volume=has_volume, synthetic=market.synthetic)
