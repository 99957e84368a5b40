"""The unit of numeric times comes from the file's own grid, and every row must agree."""

from pathlib import Path

import polars as pl
import pytest

from core.errors import DataError
from core.timeframe import TIMEFRAMES, Timeframe
from exchanges.candle_files import read_candles
from tests.exchanges.candle_tables import START_MS, table, write_csv

UNITS = {"seconds": 1e-3, "milliseconds": 1, "microseconds": 1_000, "nanoseconds": 1_000_000}


def in_unit(frame: pl.DataFrame, unit: str) -> pl.DataFrame:
    factor = UNITS[unit]
    scaled = pl.col("timestamp") // 1000 if factor < 1 else pl.col("timestamp") * int(factor)
    return frame.with_columns(timestamp=scaled)


@pytest.mark.parametrize("timeframe", TIMEFRAMES.values(), ids=str)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_unit_and_timeframe_are_those_of_the_grid(unit: str, timeframe: Timeframe, suffix: str, tmp_path: Path) -> None:
    frame = table(40, timeframe.ms)
    path = tmp_path / f"X{suffix}"
    scaled = in_unit(frame, unit)
    _ = scaled.write_csv(path) if suffix == ".csv" else scaled.write_parquet(path)
    candles = read_candles(path, exchange="LOCAL")
    assert candles.timeframe == timeframe
    assert candles.open_ms.tolist() == frame["timestamp"].to_list()


@pytest.mark.parametrize("odd", ["seconds", "microseconds"])
@pytest.mark.parametrize("row", [0, 7, 47])
def test_one_row_in_another_unit_is_refused_and_shown(odd: str, row: int, tmp_path: Path) -> None:
    times = table()["timestamp"].to_list()
    times[row] = in_unit(table(), odd)["timestamp"][row]
    path = write_csv(tmp_path / "X.csv", table().with_columns(timestamp=pl.Series(times)))
    with pytest.raises(
        DataError, match=rf"1 row\(s\) have a time in {odd}, others in milliseconds.*first line {row + 2}: timestamp={times[row]}"
    ):
        read_candles(path, exchange="LOCAL")


def test_half_the_rows_in_another_unit_are_refused(tmp_path: Path) -> None:
    times = [*in_unit(table(), "seconds")["timestamp"][:20], *table()["timestamp"][20:]]
    path = write_csv(tmp_path / "X.csv", table().with_columns(timestamp=pl.Series(times)))
    with pytest.raises(DataError, match=r"20 row\(s\) have a time in seconds, others in milliseconds"):
        read_candles(path, exchange="LOCAL")


def test_holes_do_not_hide_the_grid(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table(200).filter(pl.int_range(200) % 3 != 0))
    assert read_candles(path, exchange="LOCAL").timeframe.name == "1h"


@pytest.mark.parametrize("shift_ms", [1, 1_000, 60_000])
def test_times_off_the_grid_are_refused(shift_ms: int, tmp_path: Path) -> None:
    frame = table().with_columns(timestamp=pl.when(pl.int_range(48) == 9).then(pl.col("timestamp") + shift_ms).otherwise("timestamp"))
    with pytest.raises(DataError, match=r"1 row\(s\) open off the 1h grid.*first line 11: "):
        read_candles(write_csv(tmp_path / "X.csv", frame), exchange="LOCAL")


def test_grid_that_is_no_timeframe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="times 1800000 apart are no timeframe's"):
        read_candles(write_csv(tmp_path / "X.csv", table(48, 1_800_000)), exchange="LOCAL")
    frame = table(48, 1_800_000).with_columns(timestamp=pl.from_epoch("timestamp", "ms"))
    with pytest.raises(DataError, match="most bars are 30 minutes apart, which is none of 1m, 5m"):
        read_candles(write_csv(tmp_path / "X.csv", frame), exchange="LOCAL")


def test_fractions_of_a_millisecond_are_refused(tmp_path: Path) -> None:
    frame = table().with_columns(timestamp=pl.from_epoch("timestamp", "ms").cast(pl.Datetime("us")) + pl.duration(microseconds=1))
    frame.write_parquet(tmp_path / "X.parquet")
    with pytest.raises(DataError, match=r"48 row\(s\) have a time that is no whole millisecond, first row 0"):
        read_candles(tmp_path / "X.parquet", exchange="LOCAL")


def test_single_row_needs_its_timeframe_from_the_caller(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", in_unit(table(1), "seconds"))
    with pytest.raises(DataError, match="a single time tells no timeframe"):
        read_candles(path, exchange="LOCAL")
    candles = read_candles(path, exchange="LOCAL", timeframe=Timeframe.parse("4h"))
    assert candles.open_ms.tolist() == [START_MS]


def test_weeks_begin_on_monday(tmp_path: Path) -> None:
    week = 7 * 86_400_000
    sundays = write_csv(tmp_path / "X.csv", table(20, week, START_MS - 86_400_000))
    with pytest.raises(DataError, match=r"20 row\(s\) open off the 1w grid"):
        read_candles(sundays, exchange="LOCAL")


@pytest.mark.parametrize("value", ["2024-01-01T05:00:00+01:00", "2024/01/01 05:00", "1704085200000", "yesterday"])
def test_texts_of_another_form_are_refused(value: str, tmp_path: Path) -> None:
    iso = pl.from_epoch(table()["timestamp"], "ms").dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
    iso[5] = value
    path = write_csv(tmp_path / "X.csv", table().with_columns(timestamp=pl.Series(iso)))
    with pytest.raises(DataError, match=r"1 row\(s\) have a time that is not written like the first row's.*first line 7"):
        read_candles(path, exchange="LOCAL")


def test_text_among_numbers_is_refused(tmp_path: Path) -> None:
    texts = [str(ms) for ms in table()["timestamp"]]
    texts[3] = "2024-01-01 03:00"
    path = write_csv(tmp_path / "X.csv", table().with_columns(timestamp=pl.Series(texts)))
    with pytest.raises(DataError, match=r"1 row\(s\) have a time that is no number, unlike the first row, first line 5"):
        read_candles(path, exchange="LOCAL")
