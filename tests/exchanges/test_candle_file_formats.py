"""The same candles in every accepted format load as the same candles."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from exchanges.candle_files import read_candles
from exchanges.candle_files.csv_layout import ARCHIVE_NAMES
from tests.exchanges.candle_tables import START_MS, rows_of, table, write_lines

FRAME = table()


def archive_rows() -> list[str]:
    """Return the candles in Binance's archive layout of twelve columns, quote volume in the eighth."""
    return [f"{t},{o},{h},{low},{c},{v},{t + 3_599_999},{v * 100},12,1.0,100.0,0" for t, o, h, low, c, v in FRAME.rows()]


def csv_text(frame: pl.DataFrame, separator: str = ",") -> bytes:
    return frame.write_csv(separator=separator).encode()


def moments(unit: str, zone: str | None) -> pl.DataFrame:
    column = pl.from_epoch("timestamp", "ms").cast(pl.Datetime(unit))  # type: ignore[arg-type]
    return FRAME.with_columns(timestamp=column.dt.replace_time_zone("UTC").dt.convert_time_zone(zone) if zone else column)


def texts(form: str) -> pl.DataFrame:
    return FRAME.with_columns(timestamp=pl.from_epoch("timestamp", "ms").dt.strftime(form))


def parquet(frame: pl.DataFrame) -> Callable[[Path], Path]:
    return lambda folder: _written(folder / "X.parquet", frame.write_parquet)


def feather(frame: pl.DataFrame, suffix: str = ".feather") -> Callable[[Path], Path]:
    return lambda folder: _written(folder / f"X{suffix}", frame.write_ipc)


def csv(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "X.csv"
        path.write_bytes(content)
        return path

    return write


def _written(path: Path, write: Callable[[Path], object]) -> Path:
    write(path)
    return path


capitals = FRAME.rename({name: name.upper() if name == "open" else name.title() for name in FRAME.columns})

FORMATS: dict[str, Callable[[Path], Path]] = {
    "parquet": parquet(FRAME),
    "parquet, integers": parquet(FRAME.with_columns(pl.col("open", "close").cast(pl.Int32))),
    "parquet, decimals": parquet(FRAME.with_columns(pl.col("open").cast(pl.Decimal(18, 8)))),
    "parquet, text numbers": parquet(FRAME.with_columns(pl.col("open", "volume").cast(pl.String))),
    "parquet, unsigned times": parquet(FRAME.with_columns(pl.col("timestamp").cast(pl.UInt64))),
    "parquet, float times": parquet(FRAME.with_columns(pl.col("timestamp").cast(pl.Float64))),
    "parquet, naive ns datetimes": parquet(moments("ns", None)),
    "parquet, naive us datetimes": parquet(moments("us", None)),
    "parquet, UTC ms datetimes": parquet(moments("ms", "UTC")),
    "parquet, datetimes of another zone": parquet(moments("us", "Asia/Kolkata")),
    "feather": feather(FRAME),
    "arrow": feather(FRAME, ".arrow"),
    "csv": csv(csv_text(FRAME)),
    "csv, capitals": csv(csv_text(capitals)),
    "csv, semicolons": csv(csv_text(FRAME, ";")),
    "csv, tabs": csv(csv_text(FRAME, "\t")),
    "csv, Windows lines": csv(csv_text(FRAME).replace(b"\n", b"\r\n")),
    "csv, byte order mark": csv(b"\xef\xbb\xbf" + csv_text(FRAME)),
    "csv, no newline at the end": csv(csv_text(FRAME).rstrip()),
    "csv, empty lines at the end": csv(csv_text(FRAME) + b"\n\n"),
    "csv, quoted cells": csv(FRAME.write_csv(quote_style="always").encode()),
    "csv, spaces after commas": csv(csv_text(FRAME).replace(b",", b", ")),
    "csv, columns in another order": csv(csv_text(FRAME.select("volume", "close", "timestamp", "low", "high", "open"))),
    "csv, further columns": csv(csv_text(FRAME.with_columns(trades=pl.lit("many"), taker_buy_volume=1.0))),
    "csv, volume of the base": csv(csv_text(FRAME.rename({"volume": "Volume BTC"}))),
    "csv, ISO texts": csv(csv_text(texts("%Y-%m-%d %H:%M:%S"))),
    "csv, ISO texts with T and Z": csv(csv_text(texts("%Y-%m-%dT%H:%M:%SZ"))),
    "csv, ISO texts with a fraction": csv(csv_text(texts("%Y-%m-%dT%H:%M:%S%.3f"))),
    "csv, ISO texts with an offset": csv(csv_text(texts("%Y-%m-%d %H:%M:%S+00:00"))),
    "csv, ISO texts to the minute": csv(csv_text(texts("%Y-%m-%d %H:%M"))),
    "csv, ISO texts with UTC": csv(csv_text(texts("%Y-%m-%d %H:%M:%S UTC"))),
    "csv, archive without header": csv("\n".join(archive_rows()).encode()),
    "csv, archive with header": csv("\n".join([",".join(ARCHIVE_NAMES), *archive_rows()]).encode()),
}


@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS.keys())
def test_every_format_gives_the_same_candles(write: Callable[[Path], Path], tmp_path: Path) -> None:
    candles = read_candles(write(tmp_path), exchange="LOCAL")
    assert rows_of(candles.to_polars()) == FRAME.rows()
    assert str(candles.market) == "LOCAL X 1h"
    assert candles.has_volume
    assert not candles.synthetic


@pytest.mark.parametrize("name", ["timestamp", "open_time", "Open Time", "time", "Date", "datetime", "ts", "unix"])
def test_names_of_the_time_column(name: str, tmp_path: Path) -> None:
    path = csv(csv_text(FRAME.rename({"timestamp": name})))(tmp_path)
    assert rows_of(read_candles(path, exchange="LOCAL").to_polars()) == FRAME.rows()


def test_of_two_time_columns_the_number_counts(tmp_path: Path) -> None:
    frame = FRAME.with_columns(date=pl.lit("10/31/2024 07-AM"))
    assert read_candles(csv(csv_text(frame))(tmp_path), exchange="LOCAL").open_ms[0] == START_MS


def test_quote_volume_is_taken_where_it_is_named(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "X.csv", archive_rows())
    candles = read_candles(path, exchange="LOCAL")
    assert candles.quote_volume is not None
    assert candles.quote_volume.tolist() == (FRAME["volume"] * 100).to_list()
    assert read_candles(csv(csv_text(FRAME))(tmp_path), exchange="LOCAL").quote_volume is None


def test_daily_dates_load(tmp_path: Path) -> None:
    frame = table(10, 86_400_000)
    dates = frame.with_columns(timestamp=pl.from_epoch("timestamp", "ms").cast(pl.Date))
    dates.write_parquet(tmp_path / "X.parquet")
    dates.write_csv(tmp_path / "X.csv")
    for path in (tmp_path / "X.parquet", tmp_path / "X.csv"):
        candles = read_candles(path, exchange="LOCAL")
        assert rows_of(candles.to_polars()) == frame.rows()
        assert candles.timeframe.name == "1d"


def test_offset_moves_the_time(tmp_path: Path) -> None:
    frame = texts("%Y-%m-%d %H:%M:%S+02:00")
    assert read_candles(csv(csv_text(frame))(tmp_path), exchange="LOCAL").open_ms[0] == START_MS - 2 * 3_600_000
