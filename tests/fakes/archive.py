"""Binance's bulk archive on the loopback interface: zips and checksums made of rows that a test chooses."""

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

from tests.fakes.binance import Row
from tests.fakes.server import FakeVenue, FaultPlan, Reply, Request

HEADER = "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n"


class FakeArchive(FakeVenue):
    """Serves ``files`` by path, and a right checksum beside each that has none of its own, apart from paths in ``withheld``."""

    def __init__(self, files: Mapping[str, bytes] | None = None, faults: FaultPlan | None = None) -> None:
        super().__init__(faults=faults)
        self.files = dict(files or {})
        self.withheld: set[str] = set()

    def handle(self, request: Request) -> Reply:
        path = request.path
        if path in self.withheld:
            return Reply(404)
        if path in self.files:
            return Reply(200, self.files[path])
        zipped = self.files.get(path.removesuffix(".CHECKSUM"))
        if zipped is None:
            return Reply(404, b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code></Error>")
        return Reply(200, checksum(zipped, path.removesuffix(".CHECKSUM").rpartition("/")[2]))


def checksum(content: bytes, name: str) -> bytes:
    """Return a line of sha256sum."""
    return f"{hashlib.sha256(content).hexdigest()}  {name}\n".encode()


def csv_of(rows: Sequence[Row], *, header: bool = False, microseconds: bool = False) -> bytes:
    """Return the text that the archive holds for rows of the REST protocol."""
    lines = []
    for row in rows:
        opens, closes = row[0], row[6]
        if microseconds:
            opens, closes = opens * 1000, closes * 1000 + 999
        lines.append(",".join(map(str, (opens, *row[1:6], closes, *row[7:]))))
    return ((HEADER if header else "") + "\n".join(lines) + "\n").encode()


def zip_of(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of (name, content) pairs."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return packed.getvalue()
