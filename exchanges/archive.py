"""Binance's bulk archive: months and days of candles in checked zips, for histories that would take thousands of requests."""

import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from core.candles import Candles
from core.errors import DataError
from exchanges.addresses import check_address
from exchanges.archive_csv import parse_archive
from exchanges.archive_files import ARCHIVE_URL, ArchiveFile, has_archive, plan_archive, uncovered
from exchanges.archive_zip import most_bytes, parse_checksum, require_checksum, unzip
from exchanges.facts import VenueFacts
from exchanges.limits import Limiter
from exchanges.parallel_http import Call, ParallelHttp
from exchanges.timing import SYSTEM_CLOCK, Clock

__all__ = ["ArchiveFile", "ArchivePart", "archive_http", "fetch_archive", "fetch_file", "has_archive", "plan_archive", "uncovered"]

_NOT_FOUND = 404
# A file may be replaced between the reading of its checksum and of itself; twice in a row is something else.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class ArchivePart:
    """What came of one file: the wanted bars, None where it holds none; ``sha256`` of the zip, None where there is no such file.

    There is no file of a month or day in which the symbol was not listed; REST knows for sure.
    """

    file: ArchiveFile
    candles: Candles | None
    sha256: str | None

    @property
    def source(self) -> str:
        """Where the bars are from, for the record: the file and its checksum."""
        return f"archive {self.file.name} sha256:{self.sha256}"


def archive_http(facts: VenueFacts, *, clock: Clock = SYSTEM_CLOCK, limiter: Limiter | None = None) -> ParallelHttp:
    """Return the way to the archive of the venue; ``<VENUE>_ARCHIVE_URL`` replaces its address (https, or http to this computer)."""
    variable = f"{facts.name}_ARCHIVE_URL"
    named = os.environ.get(variable)
    address = check_address(named, variable) if named else ARCHIVE_URL
    return ParallelHttp(facts, address, lambda _group: (), limiter or Limiter(None, clock), clock=clock)


async def fetch_archive(http: ParallelHttp, files: Sequence[ArchiveFile]) -> AsyncGenerator[ArchivePart, None]:
    """Yield what each file holds, in the order of ``files``, as soon as it is checked.

    Raises DataError for a file whose checksum, zip or content is not what it must be, and what ``http.get`` raises.
    """
    for file in files:
        yield await fetch_file(http, file)


async def fetch_file(http: ParallelHttp, file: ArchiveFile) -> ArchivePart:
    """Return what one file holds; see ``fetch_archive``."""
    trouble: DataError | None = None
    for _ in range(_TRIES):
        checksum = await http.get(Call(file.checksum_path, parse=lambda body: parse_checksum(file, body)), absent=_NOT_FOUND)
        zipped = None if checksum is None else await http.get(Call(file.path, parse=bytes), absent=_NOT_FOUND, most_bytes=most_bytes(file))
        if checksum is None or zipped is None:
            return ArchivePart(file, None, None)
        sha256 = str(checksum.json)
        try:
            require_checksum(file, zipped.body, sha256)
        except DataError as error:
            trouble = error
            continue
        return ArchivePart(file, parse_archive(file, unzip(file, zipped.body)), sha256)
    assert trouble is not None
    raise trouble
