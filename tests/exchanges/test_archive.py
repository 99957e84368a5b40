import random
import struct
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import ms_from_datetime
from core.errors import ConfigError, DataError
from core.market import Market
from core.timeframe import DAY_MS, MINUTE_MS, Timeframe
from exchanges.archive import ArchiveFile, plan_archive, uncovered
from exchanges.archive_csv import parse_archive
from exchanges.archive_zip import parse_checksum, require_checksum, unzip
from tests.fakes.archive import HEADER, checksum, csv_of, zip_of
from tests.fakes.binance import Row, kline_rows

MINUTE, HOUR = Timeframe.parse("1m"), Timeframe.parse("1h")


def ms(*date: int) -> int:
    return ms_from_datetime(datetime(*date))  # type: ignore[arg-type]


def month(year: int, number: int, *, exchange: str = "BINANCE", timeframe: Timeframe = MINUTE) -> ArchiveFile:
    start, end = ms(year, number, 1), ms(year + number // 12, number % 12 + 1, 1)
    return ArchiveFile(Market(exchange, "BTCUSDT", timeframe), "monthly", start, end, start, end)


def rows_of(file: ArchiveFile, bars: int | None = None) -> list[Row]:
    return kline_rows(file.start_ms, file.most_bars if bars is None else bars, file.market.timeframe.ms)


class TestAddresses:
    def test_spot_month(self) -> None:
        file = month(2020, 8, timeframe=HOUR)
        assert file.path == "/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2020-08.zip"
        assert file.checksum_path == file.path + ".CHECKSUM"
        assert file.member == "BTCUSDT-1h-2020-08.csv"

    def test_futures_day(self) -> None:
        (file,) = plan_archive("BINANCEUSDM", "FILUSDT", MINUTE, ms(2024, 10, 3), ms(2024, 10, 4), ms(2024, 11, 20))
        assert file.path == "/data/futures/um/daily/klines/FILUSDT/1m/FILUSDT-1m-2024-10-03.zip"

    def test_letters_beyond_ascii_are_encoded(self) -> None:
        (file,) = plan_archive("BINANCE", "币安USDT", MINUTE, ms(2024, 10, 3), ms(2024, 10, 4), ms(2024, 11, 20))
        assert file.path.isascii()
        assert file.member == "币安USDT-1m-2024-10-03.csv"

    @pytest.mark.parametrize("symbol", ["", "../BTC", "a/b", "a\\b", ".hidden", "a b", "a\0b", "a\nb", ".."])
    def test_symbols_that_lead_elsewhere(self, symbol: str) -> None:
        with pytest.raises(ConfigError, match="cannot be part of an address"):
            plan_archive("BINANCE", symbol, MINUTE, 0, DAY_MS, ms(2024, 1, 1))

    def test_exchange_without_archive(self) -> None:
        with pytest.raises(ConfigError, match="no bulk archive of DELTA"):
            plan_archive("DELTA", "BTCUSD", MINUTE, 0, DAY_MS, ms(2024, 1, 1))


class TestPlan:
    def plan(self, start: int, end: int, now: int, timeframe: Timeframe = MINUTE, page_bars: int = 1000) -> list[str]:
        return [
            file.stem.removeprefix(f"BTCUSDT-{timeframe}-")
            for file in plan_archive("BINANCE", "BTCUSDT", timeframe, start, end, now, page_bars=page_bars)
        ]

    def test_months_are_monthly_and_the_running_one_daily(self) -> None:
        # 2024-12-02 is the first Monday; files are there for sure a day later.
        now = ms(2024, 12, 5, 12)
        assert self.plan(ms(2024, 10, 1), now, now) == ["2024-10", "2024-11", "2024-12-01", "2024-12-02", "2024-12-03"]

    def test_month_is_daily_until_the_monday_is_over(self) -> None:
        now = ms(2024, 12, 2, 23)
        assert self.plan(ms(2024, 10, 1), now, now)[:2] == ["2024-10", "2024-11-01"]
        assert self.plan(ms(2024, 10, 1), now, ms(2024, 12, 3))[:2] == ["2024-10", "2024-11"]

    def test_short_ends_of_months_are_daily(self) -> None:
        now = ms(2025, 6, 1)
        assert self.plan(ms(2024, 10, 28, 5), ms(2024, 12, 3), now) == [
            "2024-10-29", "2024-10-30", "2024-10-31", "2024-11", "2024-12-01", "2024-12-02",
        ]  # fmt: skip

    def test_files_of_less_than_a_page_are_left_to_rest(self) -> None:
        now = ms(2025, 6, 1)
        assert self.plan(ms(2024, 1, 1), ms(2024, 3, 1), now, HOUR) == []
        assert self.plan(ms(2024, 1, 1), ms(2024, 3, 1), now, HOUR, page_bars=500) == ["2024-01", "2024-02"]
        assert self.plan(ms(2024, 1, 1), ms(2024, 2, 4), now, Timeframe.parse("5m")) == ["2024-01"]

    def test_weeks_do_not_fit_into_months(self) -> None:
        assert self.plan(ms(2020, 1, 1), ms(2024, 1, 1), ms(2025, 1, 1), Timeframe.parse("1w"), page_bars=1) == []

    @given(st.integers(ms(2019, 1, 1), ms(2026, 1, 1)), st.integers(0, 400 * DAY_MS), st.integers(-3 * DAY_MS, 90 * DAY_MS))
    def test_files_and_rest_cover_the_range_once(self, start: int, length: int, ahead: int) -> None:
        end = start + length
        now = end + ahead
        files = plan_archive("BINANCE", "BTCUSDT", MINUTE, start, end, now)
        covered = [(file.wanted_from_ms, file.wanted_until_ms) for file in files]
        ranges = sorted(covered + uncovered(files, start, end))
        assert all(begin < until for begin, until in ranges)
        assert [begin for begin, _until in ranges[1:]] == [until for _begin, until in ranges[:-1]]
        if length:
            assert (ranges[0][0], ranges[-1][1]) == (start, end)
        assert all(file.start_ms <= file.wanted_from_ms and file.wanted_until_ms <= file.end_ms <= now for file in files)


class TestCandles:
    def test_published_file(self, shared_data: Path) -> None:
        text = (shared_data / "raw" / "FILUSDT-1m-2024-10.csv").read_bytes()
        start, end = ms(2024, 10, 1), ms(2024, 11, 1)
        file = ArchiveFile(Market("BINANCEUSDM", "FILUSDT", MINUTE), "monthly", start, end, start, end)
        candles = parse_archive(file, text)
        assert candles is not None
        assert len(candles) == 31 * 1440
        assert (candles.open[0], candles.high[0], candles.low[0], candles.close[0], candles.volume[0]) == (
            3.809,
            3.825,
            3.809,
            3.822,
            162058.7,
        )
        bare = parse_archive(file, text.partition(b"\n")[2])
        assert bare is not None
        assert bare.digest == candles.digest

    def test_switch_to_microseconds_leaves_no_gap(self) -> None:
        old, new = month(2024, 12), month(2025, 1)
        before = parse_archive(old, csv_of(rows_of(old)))
        after = parse_archive(new, csv_of(rows_of(new), microseconds=True))
        assert before is not None
        assert after is not None
        assert before.end_ms == after.open_ms[0] == ms(2025, 1, 1)
        assert len(after) == 31 * 1440

    @pytest.mark.parametrize(
        ("file", "microseconds"), [(month(2025, 1), False), (month(2024, 12), True), (month(2025, 1, exchange="BINANCEUSDM"), True)]
    )
    def test_unit_is_that_of_the_date_or_refused(self, file: ArchiveFile, microseconds: bool) -> None:
        with pytest.raises(DataError, match="lie outside|whole milliseconds"):
            parse_archive(file, csv_of(rows_of(file, 100), microseconds=microseconds))

    def test_futures_stay_in_milliseconds(self) -> None:
        file = month(2025, 1, exchange="BINANCEUSDM")
        candles = parse_archive(file, csv_of(rows_of(file, 100), header=True))
        assert candles is not None
        assert len(candles) == 100

    def test_wanted_part_only(self) -> None:
        start, end = ms(2024, 10, 1), ms(2024, 11, 1)
        file = ArchiveFile(Market("BINANCE", "BTCUSDT", MINUTE), "monthly", start, end, start + DAY_MS, end - DAY_MS)
        candles = parse_archive(file, csv_of(kline_rows(start, 31 * 1440, MINUTE_MS)))
        assert candles is not None
        assert (candles.open_ms[0], candles.end_ms) == (start + DAY_MS, end - DAY_MS)

    @pytest.mark.parametrize("text", [b"", b"\n", HEADER.encode()])
    def test_file_without_bars(self, text: bytes) -> None:
        assert parse_archive(month(2024, 10), text) is None

    @pytest.mark.parametrize(
        "damage",
        [
            lambda text: text[:-30], lambda text: text.replace(b",", b";"), lambda text: b"<html></html>", lambda text: b"\x00" * 500,
            lambda text: text.replace(b"100.", b"abc.", 1), lambda text: text.replace(b"100.00000000", b"", 1),
            lambda text: text.replace(b"100.00000000", b"nan", 1), lambda text: text.replace(b"100.00000000", b"-1", 1),
            lambda text: text.replace(b"100.00000000", b"1e400", 1), lambda text: text.replace(b"\n", b",7\n", 1),
            lambda text: text.replace(b"\n", b",7\n"), lambda text: text + text, lambda text: b"\n".join(reversed(text.split(b"\n")[:-1])),
            lambda text: b"9" * 30 + text, lambda text: text[1:], lambda text: b"time,price\n" + text, lambda text: text + b"\xff\xfe",
            lambda text: csv_of(kline_rows(ms(2024, 11, 1), 50, MINUTE_MS)),
            lambda text: csv_of(kline_rows(ms(2024, 10, 1) + 1, 50, MINUTE_MS)),
            lambda text: csv_of(kline_rows(ms(2024, 10, 1) // 1000, 50, 60)), lambda text: text.replace(b"100.00000000", b'"100"', 1),
        ],
    )  # fmt: skip
    def test_damaged_text_is_refused(self, damage: Any) -> None:
        file = month(2024, 10)
        with pytest.raises(DataError):
            parse_archive(file, damage(csv_of(rows_of(file, 100))))


class TestZips:
    file = month(2024, 10)

    def test_right_one(self) -> None:
        text = csv_of(rows_of(self.file))
        assert unzip(self.file, zip_of((self.file.member, text))) == text
        assert unzip(self.file, zip_of((self.file.member, text), method=zipfile.ZIP_STORED)) == text

    @pytest.mark.parametrize(
        "name",
        [
            "../BTCUSDT-1m-2024-10.csv", "..\\BTCUSDT-1m-2024-10.csv", "/BTCUSDT-1m-2024-10.csv", "x/BTCUSDT-1m-2024-10.csv",
            "BTCUSDT-1m-2024-10.csv/", "BTCUSDT-1m-2024-10.csv ", "BTCUSDT-1m-2024-10.CSV",
            "btcusdt-1m-2024-10.csv", "BTCUSDT-1m-2024-11.csv",
        ],
    )  # fmt: skip
    def test_names_are_exact(self, name: str) -> None:
        with pytest.raises(DataError, match="holds|zip"):
            unzip(self.file, zip_of((name, b"x")))

    def test_name_does_not_end_at_a_nul(self) -> None:
        packed = zip_of((self.file.member + "#.exe", b"x")).replace(b"#", b"\0")
        with pytest.raises(DataError, match="holds|zip"):
            unzip(self.file, packed)

    def test_one_member_only(self) -> None:
        with pytest.raises(DataError, match="2 files instead of one"):
            unzip(self.file, zip_of((self.file.member, b"x"), ("other", b"x")))
        with pytest.raises(DataError, match="0 files instead of one"):
            unzip(self.file, zip_of())

    def test_million_members_are_not_even_listed(self) -> None:
        entry = b"PK\x01\x02" + bytes(42)
        end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry) * 150_000, 0, 0)
        with pytest.raises(DataError, match="instead of one"):
            unzip(self.file, entry * 150_000 + end)

    @pytest.mark.parametrize("honest", [True, False])
    def test_bomb(self, honest: bool) -> None:
        packed = bytearray(zip_of((self.file.member, bytes(60_000_000))))
        if not honest:
            # The directory says that it unpacks to a thousand bytes.
            at = packed.rindex(b"PK\x01\x02")
            packed[at + 24 : at + 28] = struct.pack("<I", 1000)
        with pytest.raises(DataError, match="unpacks to|no readable zip"):
            unzip(self.file, bytes(packed))

    def test_encrypted(self) -> None:
        packed = bytearray(zip_of((self.file.member, b"x")))
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            packed[packed.rindex(signature) + offset] |= 1
        with pytest.raises(DataError, match="is encrypted"):
            unzip(self.file, bytes(packed))

    def test_other_packing(self) -> None:
        with pytest.raises(DataError, match="compression method"):
            unzip(self.file, zip_of((self.file.member, b"x"), method=zipfile.ZIP_LZMA))

    @pytest.mark.parametrize("content", [b"", b"PK", b"<html>", bytes(1000), b"PK\x05\x06", b"PK\x05\x06" + bytes(18)])
    def test_no_zip_at_all(self, content: bytes) -> None:
        with pytest.raises(DataError, match="not used"):
            unzip(self.file, content)

    def test_every_truncation_is_refused(self) -> None:
        whole = zip_of((self.file.member, csv_of(rows_of(self.file, 20))))
        for length in range(len(whole)):
            with pytest.raises(DataError):
                unzip(self.file, whole[:length])

    def test_flipped_bits_are_refused_by_the_checksum(self) -> None:
        whole = zip_of((self.file.member, csv_of(rows_of(self.file, 20))))
        sha256 = parse_checksum(self.file, checksum(whole, self.file.name))
        require_checksum(self.file, whole, sha256)
        rng = random.Random(5)
        for _ in range(300):
            bad = bytearray(whole)
            bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
            with pytest.raises(DataError, match="SHA-256"):
                require_checksum(self.file, bytes(bad), sha256)

    @pytest.mark.parametrize(
        "line", [b"", b"abc", b"0" * 64, b"0" * 64 + b"  other.zip", b"<html>", b"g" * 64 + b"  BTCUSDT-1m-2024-10.zip", b"\xff" * 80]
    )
    def test_checksum_of_another_form(self, line: bytes) -> None:
        with pytest.raises(DataError, match="no line of sha256sum"):
            parse_checksum(self.file, line)

    def test_checksum_forms_of_sha256sum(self) -> None:
        for between in (b"  ", b" *"):
            assert parse_checksum(self.file, b"AB" * 32 + between + b"BTCUSDT-1m-2024-10.zip\n") == "ab" * 32
