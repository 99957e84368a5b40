import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from core.candles import Candles
from core.clock import ms_from_datetime
from core.errors import APIError, ConfigError, DataError
from core.timeframe import DAY_MS, MINUTE_MS, Timeframe
from exchanges.archive import ArchiveFile, ArchivePart, archive_http, fetch_archive, plan_archive
from exchanges.binance import SPOT
from exchanges.parallel import DownloadSettings, Part, SeriesRange, download
from exchanges.rest_exchange import RestExchange
from tests.exchanges.test_parallel import joined
from tests.fakes import faults
from tests.fakes.archive import FakeArchive, csv_of, zip_of
from tests.fakes.binance import FakeBinance, Row, kline_rows, spot
from tests.fakes.clock import FakeClock
from tests.fakes.server import FaultPlan, Reply, Wire

MINUTE = Timeframe.parse("1m")


def ms(*date: int) -> int:
    return ms_from_datetime(datetime(*date))  # type: ignore[arg-type]


# Listed on 2024-11-20; it is 2025-01-09, and December is published as a month since the 7th.
LISTED, NOW = ms(2024, 11, 20), ms(2025, 1, 9, 5, 30)
ROWS = kline_rows(LISTED, (NOW - LISTED) // MINUTE_MS + 1, MINUTE_MS)


def files_of(rows: Sequence[Row], start_ms: int = LISTED) -> list[ArchiveFile]:
    return plan_archive("BINANCE", "BTCUSDT", MINUTE, start_ms, NOW, NOW)


def zipped(file: ArchiveFile, rows: Sequence[Row] = ROWS, **named: Any) -> bytes:
    inside = [row for row in rows if file.start_ms <= row[0] < file.end_ms]
    return zip_of((file.member, csv_of(inside, microseconds=file.in_microseconds, **named)))


def published(files: Sequence[ArchiveFile]) -> dict[str, bytes]:
    return {file.path: zipped(file, header=number % 2 == 1) for number, file in enumerate(files)}


def fetch(monkeypatch: pytest.MonkeyPatch, archive: FakeArchive, files: Sequence[ArchiveFile]) -> list[ArchivePart]:
    monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
    clock = FakeClock()

    async def run() -> list[ArchivePart]:
        async with archive_http(SPOT, clock=clock) as http:
            return [part async for part in fetch_archive(http, files)]

    return asyncio.run(run())


class TestFetching:
    def test_parts_come_in_order_with_their_checksums(self, monkeypatch: pytest.MonkeyPatch) -> None:
        files = files_of(ROWS)
        with FakeArchive(published(files)) as archive:
            parts = fetch(monkeypatch, archive, files)
        assert [part.file for part in parts] == files
        assert [part.sha256 for part in parts] == [hashlib.sha256(archive.files[file.path]).hexdigest() for file in files]
        assert parts[0].source == f"archive {files[0].name} sha256:{parts[0].sha256}"
        opens = np.concatenate([part.candles.open_ms for part in parts if part.candles is not None])
        assert (np.diff(opens) == MINUTE_MS).all()

    def test_file_that_is_not_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        files = files_of(ROWS)[:2]
        with FakeArchive({files[1].path: zipped(files[1])}) as archive:
            absent, there = fetch(monkeypatch, archive, files)
        assert (absent.candles, absent.sha256) == (None, None)
        assert there.candles is not None

    def test_wrong_checksum_is_refused_after_another_look(self, monkeypatch: pytest.MonkeyPatch) -> None:
        file = files_of(ROWS)[0]
        with FakeArchive({file.path: zipped(file), file.checksum_path: b"0" * 64 + b"  " + file.name.encode()}) as archive:
            with pytest.raises(DataError, match=r"has the SHA-256 .* It is not used"):
                fetch(monkeypatch, archive, [file])
        assert archive.count(".zip") == 6

    def test_file_replaced_between_two_requests_is_read_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        file = files_of(ROWS)[0]
        other = zipped(file, ROWS[:-1], header=True)

        def older(_reply: Reply, _wire: Wire) -> Reply:
            return Reply(200, other)

        with FakeArchive({file.path: zipped(file)}, FaultPlan({1: older})) as archive:
            (part,) = fetch(monkeypatch, archive, [file])
        assert part.sha256 == hashlib.sha256(archive.files[file.path]).hexdigest()

    @pytest.mark.parametrize("fault", faults.passing_faults())
    def test_passing_faults(self, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
        file = files_of(ROWS)[-1]
        with FakeArchive({file.path: zipped(file)}, FaultPlan({0: fault, 2: fault})) as archive:
            (part,) = fetch(monkeypatch, archive, [file])
        assert part.candles is not None
        assert len(part.candles) == 1440

    def test_zip_larger_than_any_honest_one_is_not_read_to_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        file = files_of(ROWS)[-1]
        with FakeArchive({file.path: bytes(5_000_000)}) as archive, pytest.raises(DataError, match="answers with more than"):
            fetch(monkeypatch, archive, [file])

    def test_unreachable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with FakeArchive() as archive:
            pass
        with pytest.raises(APIError, match="refused"):
            fetch(monkeypatch, archive, files_of(ROWS)[:1])

    def test_address_must_be_safe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("BINANCE_ARCHIVE_URL", "http://example.com")
        with pytest.raises(ConfigError, match="BINANCE_ARCHIVE_URL"):
            archive_http(SPOT)


def venue_of() -> FakeBinance:
    return FakeBinance({("BTCUSDT", "1m"): ROWS}, now_ms=lambda: NOW)


@pytest.fixture(scope="module")
def truth() -> Candles:
    with venue_of() as venue:
        return spot(venue).fetch("BTCUSDT", MINUTE, None, None)


class TestDownload:
    """Archive and REST together give what REST alone gives."""

    def download(self, exchange: RestExchange, start_ms: int | None, **settings: Any) -> list[Part]:
        parts: list[Part] = []
        wanted = [SeriesRange("BTCUSDT", MINUTE, start_ms, None)]
        assert download(exchange, wanted, parts.append, settings=DownloadSettings(**settings))
        return parts

    def test_archive_where_it_pays_and_rest_for_the_rest(self, monkeypatch: pytest.MonkeyPatch, truth: Candles) -> None:
        files = files_of(ROWS)
        with venue_of() as venue, FakeArchive(published(files)) as archive:
            monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
            parts = self.download(spot(venue), None)
            assert venue.count("klines") < 5
        assert joined(parts, "BTCUSDT").digest == truth.digest
        assert [file.span for file in files] == ["monthly"] * 2 + ["daily"] * 7
        assert sum(part.source.startswith("archive BTCUSDT-1m-") for part in parts) == len(files)
        assert [part.start_ms for part in parts] == sorted(part.start_ms for part in parts)

    def test_what_a_file_lacks_comes_by_rest(self, monkeypatch: pytest.MonkeyPatch, truth: Candles) -> None:
        files = files_of(ROWS)
        begins = [(file.wanted_from_ms - LISTED) // MINUTE_MS for file in files]
        # Minutes at the beginning, in the middle and at the end of a file, and all but one of a day.
        lacking = {begins[1], begins[1] + 1, begins[1] + 5_000, begins[2] - 1, *range(begins[3] + 1, begins[4])}
        holed = [row for number, row in enumerate(ROWS) if number not in lacking]
        with venue_of() as venue, FakeArchive({file.path: zipped(file, holed) for file in files}) as archive:
            monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
            parts = self.download(spot(venue), None)
            assert venue.count("klines") < 10
        assert joined(parts, "BTCUSDT").digest == truth.digest
        spans = [(part.start_ms, part.end_ms) for part in parts]
        assert all(former[1] == later[0] for former, later in pairwise(spans))

    def test_a_hole_of_the_venue_itself_stays_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        holed = [row for number, row in enumerate(ROWS) if number not in range(20_000, 20_100)]
        files = files_of(ROWS)
        with FakeBinance({("BTCUSDT", "1m"): holed}, now_ms=lambda: NOW) as venue:
            with FakeArchive({file.path: zipped(file, holed) for file in files}) as archive:
                monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
                parts = self.download(spot(venue), None)
            assert joined(parts, "BTCUSDT").digest == spot(venue).fetch("BTCUSDT", MINUTE, None, None).digest

    def test_months_before_the_listing_and_files_not_there_come_by_rest(self, monkeypatch: pytest.MonkeyPatch, truth: Candles) -> None:
        files = files_of(ROWS)
        with venue_of() as venue, FakeArchive(published(files[1:-2])) as archive:
            monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
            parts = self.download(spot(venue), ms(2024, 1, 1))
        assert joined(parts, "BTCUSDT").digest == truth.digest

    def test_damaged_archive_is_told_and_replaced_by_rest(
        self, monkeypatch: pytest.MonkeyPatch, truth: Candles, caplog: pytest.LogCaptureFixture
    ) -> None:
        files = files_of(ROWS)
        slip, junk, cut, bomb, wrong, unsigned = files[1:7]
        right = published(files)
        damaged = right | {
            slip.path: zip_of((f"../{slip.member}", b"x")), junk.checksum_path: b"junk", cut.path: right[cut.path][:-9],
            bomb.path: zip_of((bomb.member, bytes(30_000_000))), wrong.checksum_path: b"0" * 64 + b"  " + wrong.name.encode(),
        }  # fmt: skip
        with venue_of() as venue, FakeArchive(damaged) as archive, caplog.at_level(logging.INFO, "exchanges"):
            archive.withheld = {unsigned.checksum_path}
            monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
            parts = self.download(spot(venue), None)
        assert joined(parts, "BTCUSDT").digest == truth.digest
        told = [line for line in caplog.messages if "by REST instead" in line]
        assert sorted(file.stem for file in files for line in told if f"{file.stem} comes" in line) == sorted(f.stem for f in files[1:7])
        assert len(told) == 6

    def test_archive_is_not_asked_for_little(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with venue_of() as venue, FakeArchive() as archive:
            monkeypatch.setenv("BINANCE_ARCHIVE_URL", archive.url)
            parts = self.download(spot(venue), NOW - 5 * DAY_MS)
            assert not archive.requests
        assert sum(part.bars for part in parts) == 5 * 1440

    def test_archive_of_the_real_venue_is_not_asked_about_another_address(self, truth: Candles) -> None:
        with venue_of() as venue:
            parts = self.download(spot(venue), None)
        assert {part.source for part in parts} == {"rest"}
        assert joined(parts, "BTCUSDT").digest == truth.digest
