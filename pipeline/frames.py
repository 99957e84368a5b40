"""Candles of a run as a Parquet file, and reading what a stage wrote."""

from pathlib import Path

import polars as pl

from core.candles import Candles
from core.errors import CorruptFileError
from core.market import Market
from core.parquet_files import write_parquet


def read_frame(path: Path) -> pl.DataFrame:
    """Return a table that a stage wrote; CorruptFileError names a file that is absent or no Parquet."""
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise CorruptFileError(f"{path} cannot be read: {' '.join(str(error).split())}. Remove its stage.json and resume.") from error


def write_candles(path: Path, candles: Candles) -> Path:
    """Write candles as they are."""
    return write_parquet(path, candles.to_polars())


def read_candles(path: Path, market: Market, *, has_volume: bool, synthetic: bool) -> Candles:
    """Return the candles that ``write_candles`` wrote, checked again."""
    frame = read_frame(path)
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    return Candles.from_arrays(market, columns, has_volume=has_volume, synthetic=synthetic)
