"""What is no sound candle file is refused quickly, with the reason, the count and the first offender."""

import os
import pickle
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from exchanges.candle_files import read_candles
from tests.exchanges.candle_tables import HOUR_MS, START_MS, table, write_csv, write_lines

PARQUET = "X.parquet"


def parquet_bytes(folder: Path) -> bytes:
    table(500).write_parquet(folder / "whole.parquet")
    return (folder / "whole.parquet").read_bytes()


def feather_bytes(folder: Path) -> bytes:
    table(500).write_ipc(folder / "whole.feather")
    return (folder / "whole.feather").read_bytes()


def changed(row: int, **cells: object) -> pl.DataFrame:
    """Return sound candles as text but for some cells of one row."""
    frame = table().cast(pl.String)
    return frame.with_columns(
        pl.when(pl.int_range(len(frame)) == row).then(pl.lit(value, pl.String)).otherwise(name).alias(name) for name, value in cells.items()
    )


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_candles(path, exchange="LOCAL")
    assert path.name in str(caught.value)
    return str(caught.value)


CONTENTS: dict[str, tuple[str, Callable[[Path], bytes], str]] = {
    "empty csv": ("X.csv", lambda _: b"", "is empty"),
    "blank csv": ("X.csv", lambda _: b"\n  \n", "is empty"),
    "empty parquet": (PARQUET, lambda _: b"", "is empty"),
    "header only": ("X.csv", lambda _: b"timestamp,open,high,low,close,volume\n", "but no rows"),
    "truncated parquet": (PARQUET, lambda folder: parquet_bytes(folder)[:-100], "is cut short"),
    "parquet without its body": (PARQUET, lambda _: b"PAR1PAR1", "damaged Parquet file"),
    "parquet with a broken footer": (PARQUET, lambda folder: parquet_bytes(folder)[:200] + b"\xff" * 300 + b"PAR1", "damaged Parquet file"),
    "truncated feather": ("X.feather", lambda folder: feather_bytes(folder)[:-9], "is cut short"),
    "feather with a broken footer": (
        "X.feather",
        lambda folder: feather_bytes(folder)[:200] + b"\xff" * 300 + b"ARROW1",
        "damaged Feather file",
    ),
    "pickle named parquet": (PARQUET, lambda _: pickle.dumps({"open": [1.0]}), "is a Python pickle"),
    "pickle named csv": ("X.csv", lambda _: pickle.dumps({"open": [1.0]}), "is a Python pickle"),
    "csv named parquet": (PARQUET, lambda _: b"timestamp,open\n1,2\n", "is something else"),
    "parquet named csv": ("X.csv", parquet_bytes, "is a Parquet file"),
    "parquet named feather": ("X.feather", parquet_bytes, "is a Parquet file"),
    "zip named csv": ("X.csv", lambda _: b"PK\x03\x04rest", "is a zip archive; unpack it first"),
    "utf-16": ("X.csv", lambda _: "timestamp,open".encode("utf-16"), "is UTF-16 text"),
    "latin-1": ("X.csv", lambda _: b"timestamp,open,h\xefgh\n1,2,3\n", "is not UTF-8 text"),
    "binary": ("X.csv", lambda _: b"abc\x00\x01\x02", "binary data"),
    "unknown suffix": ("X.txt", lambda _: b"timestamp,open\n", "'.txt' is no kind of candle file"),
    "spreadsheet": ("X.xlsx", lambda _: b"PK\x03\x04", "'.xlsx' is no kind of candle file; use one of .parquet"),
    "no header": ("X.csv", lambda _: b"1704067200000,1,2,3,4,5\n", "6 columns and no header"),
    "prose": (
        "X.csv",
        lambda _: b"these are not\nthe candles you want\n",
        r"6 column\(s\) are missing: timestamp, open, high, low, close, volume",
    ),
}


@pytest.mark.parametrize(("name", "content", "reason"), CONTENTS.values(), ids=CONTENTS.keys())
def test_what_is_no_candle_file_is_named(name: str, content: Callable[[Path], bytes], reason: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content(tmp_path))
    with pytest.raises(DataError, match=reason):
        read_candles(path, exchange="LOCAL")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "X.csv")


def test_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "X.csv").mkdir()
    assert "is a folder" in refusal(tmp_path / "X.csv")


def test_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "X.csv")
    assert "no regular file" in refusal(tmp_path / "X.csv")


def test_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("X.csv")
        assert "no regular file" in refusal(tmp_path / "X.csv")


def test_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "X.csv").symlink_to(tmp_path / "Y.csv")
    (tmp_path / "Y.csv").symlink_to(tmp_path / "X.csv")
    assert "its links lead in a circle" in refusal(tmp_path / "X.csv")


def test_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "X.csv").symlink_to(tmp_path / "Y.csv")
    assert "a link to something that is gone" in refusal(tmp_path / "X.csv")


def test_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "X.csv", table())

    def deny(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    assert "cannot be read: Permission denied" in refusal(path)


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
@pytest.mark.parametrize("value", [None, "", "NULL", "nan", "NaN", " "])
def test_missing_number_is_counted_and_shown(name: str, value: str | None, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", changed(11, **{name: value}))
    assert f"1 row(s) hold nothing where a number must be ({name}), first line 13: timestamp={START_MS + 11 * HOUR_MS}" in refusal(path)


@pytest.mark.parametrize("value", ["abc", "1,5", "1.2.3", "0x10", "12 USD", "1_000", "true"])
def test_text_in_numbers_is_counted_and_shown(value: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", changed(0, close=value))
    assert "1 row(s) hold text where a number must be (close), first line 2" in refusal(path)


@pytest.mark.parametrize("value", ["inf", "-inf", "1e999"])
def test_infinite_price_is_refused(value: str, tmp_path: Path) -> None:
    assert "1 row(s) hold a price that is missing or not finite, first line 5" in refusal(
        write_csv(tmp_path / "X.csv", changed(3, close=value))
    )


def test_nulls_and_nans_of_a_binary_file_are_counted(tmp_path: Path) -> None:
    rows = pl.int_range(48)
    frame = table().with_columns(
        open=pl.when(rows.is_in([4, 5])).then(None).otherwise("open"), close=pl.when(rows == 7).then(float("nan")).otherwise("close")
    )
    frame.write_parquet(tmp_path / PARQUET)
    assert "3 row(s) hold nothing where a number must be (open, close), first row 4: timestamp=" in refusal(tmp_path / PARQUET)


def test_truth_values_are_no_numbers(tmp_path: Path) -> None:
    table().with_columns(volume=pl.lit(True)).write_parquet(tmp_path / PARQUET)
    assert "48 row(s) hold text where a number must be (volume)" in refusal(tmp_path / PARQUET)


def test_missing_time_is_counted_and_shown(tmp_path: Path) -> None:
    assert "1 row(s) have no time, first line 4" in refusal(write_csv(tmp_path / "X.csv", changed(2, timestamp=None)))


def test_blank_line_in_the_middle_is_refused(tmp_path: Path) -> None:
    lines = table().write_csv().splitlines()
    assert "1 row(s) have no time, first line 6" in refusal(write_lines(tmp_path / "X.csv", [*lines[:5], "", *lines[5:]]))


def test_cut_off_last_line_is_refused(tmp_path: Path) -> None:
    text = table().write_csv().rstrip()
    (tmp_path / "X.csv").write_text(text[: text.rindex(",")])
    assert "1 row(s) hold nothing where a number must be (volume), first line 49" in refusal(tmp_path / "X.csv")


def test_lines_with_too_many_cells_are_counted(tmp_path: Path) -> None:
    lines = table().write_csv().splitlines()
    lines[7] += ",1"
    lines[9] += ",1,2"
    assert "2 line(s) have more than the 6 cells of line 1, first line 8" in refusal(write_lines(tmp_path / "X.csv", lines))


def test_banner_above_the_header_is_shown(tmp_path: Path) -> None:
    lines = ["Timestamps are UTC", *table().write_csv().splitlines()]
    message = refusal(write_lines(tmp_path / "X.csv", lines))
    assert "1 line(s) stand before the header, first line 1: Timestamps are UTC" in message
    assert "now line 2" in message


def test_newest_first_is_recognised(tmp_path: Path) -> None:
    message = refusal(write_csv(tmp_path / "X.csv", table().reverse()))
    assert "47 row(s) go back in time: the file is newest first, reverse it, first line 3" in message


def test_one_row_out_of_order_is_shown(tmp_path: Path) -> None:
    frame = table()
    mixed = pl.concat([frame[:10], frame[11:12], frame[10:11], frame[12:]])
    assert "1 row(s) go back in time, first line 13" in refusal(write_csv(tmp_path / "X.csv", mixed))


def test_equal_duplicates_are_refused_and_counted(tmp_path: Path) -> None:
    frame = table()
    message = refusal(write_csv(tmp_path / "X.csv", pl.concat([frame[:10], frame[8:]])))
    assert "2 row(s) repeat the time of an earlier row (0 of them with other prices), first line 12" in message


def test_conflicting_duplicates_are_told_apart(tmp_path: Path) -> None:
    frame = table()
    other = frame[9:10].with_columns(high=pl.lit(200.0))
    message = refusal(write_csv(tmp_path / "X.csv", pl.concat([frame[:10], frame[9:10], other, frame[10:]])))
    assert "2 row(s) repeat the time of an earlier row (1 of them with other prices)" in message


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"low": "0"}, "hold a price that is not positive"),
        ({"low": "-5"}, "hold a price that is not positive"),
        ({"high": "50"}, "have a high below the open, low or close"),
        ({"low": "150"}, "have a low above the open or close"),
        ({"volume": "-1"}, "hold a volume that is missing, not finite or negative"),
    ],
)
def test_impossible_bar_is_shown(cells: dict[str, object], rule: str, tmp_path: Path) -> None:
    assert f"1 row(s) {rule}, first line 22" in refusal(write_csv(tmp_path / "X.csv", changed(20, **cells)))


def test_all_troubles_are_told_at_once(tmp_path: Path) -> None:
    frame = changed(20, close="abc", volume=None).reverse()
    message = refusal(write_csv(tmp_path / "X.csv", frame))
    assert "newest first" in message
    assert "text where a number must be (close)" in message
    assert "nothing where a number must be (volume)" in message


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["Volume BTC", "Volume USDT"], r"2 columns may be the volume \(Volume BTC, Volume USDT\)"),
        (["volume_btc", "volume"], r"2 columns may be the volume \(volume_btc, volume\)"),
        (["Volume USDT"], r"base or in the quote currency \(Volume USDT\)"),
        (["amount"], r"1 column\(s\) are missing: volume; the file has timestamp, open, high, low, close, amount"),
        (["volume", "Open"], r"2 columns have the same meaning \(open, Open\)"),
    ],
)
def test_ambiguous_columns_are_refused_with_their_names(names: list[str], reason: str, tmp_path: Path) -> None:
    frame = table().drop("volume").with_columns(pl.lit(1.0).alias(name) for name in names)
    with pytest.raises(DataError, match=reason):
        read_candles(write_csv(tmp_path / "X.csv", frame), exchange="LOCAL")


def test_negative_quote_volume_is_refused(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "X.csv", table().with_columns(quote_volume=pl.lit(-1.0)))
    assert "48 row(s) hold a quote volume that is negative or not finite" in refusal(path)


def test_forming_bar_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    monkeypatch.setattr("exchanges.candle_files.reading.now_ms", lambda: START_MS + 48 * HOUR_MS - 1)
    assert len(read_candles(path, exchange="LOCAL")) == 47
    monkeypatch.setattr("exchanges.candle_files.reading.now_ms", lambda: START_MS + 48 * HOUR_MS)
    assert len(read_candles(path, exchange="LOCAL")) == 48


def test_bars_of_the_future_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "X.csv", table(48))
    monkeypatch.setattr("exchanges.candle_files.reading.now_ms", lambda: START_MS + 46 * HOUR_MS - 1)
    assert "2 bar(s) open in the future, first 2024-01-02 22:00 UTC" in refusal(path)


def test_only_bar_still_open_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_csv(tmp_path / "X.csv", table(2))
    monkeypatch.setattr("exchanges.candle_files.reading.now_ms", lambda: START_MS - 1)
    assert "2 bar(s) open in the future" in refusal(path)


@given(
    st.integers(0, 1_900),
    st.integers(0, 20),
    st.sampled_from([b"", b"nan", b"-1", b"1e400", b'"', b"\n", b"\xff", b"\0", b"9" * 20, b"2024-01-01"]),
)
def test_damaged_text_is_a_data_error_or_sound_candles(position: int, length: int, put: bytes) -> None:
    content = table().write_csv().encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.csv"
        path.write_bytes(content[:position] + put + content[position + length :])
        try:
            candles = read_candles(path, exchange="LOCAL")
        except DataError:
            return
        assert len(candles) == len(table())
