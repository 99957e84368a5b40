"""How fast candles are downloaded when the venue's limit is lifted.

Usage: python -m benchmarks.download [BARS]

A server in a process of its own speaks Binance's klines protocol on the loopback interface, and holds its archive, from rows and zips
made beforehand; the download is the product's own: limiter, strict parser, checksums, checked candles and all. Prints, for REST and for
the archive, candles per second and the processor time behind it.
"""

import asyncio
import hashlib
import io
import json
import multiprocessing
import os
import statistics
import sys
import time
import zipfile
from dataclasses import replace
from multiprocessing.connection import Connection
from urllib.parse import parse_qsl, urlsplit

from core.timeframe import Timeframe
from exchanges.archive import plan_archive
from exchanges.binance import SPOT, binance
from exchanges.http import HttpCore
from exchanges.parallel import DownloadSettings, Part, SeriesRange, download

MINUTE = Timeframe.parse("1m")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT")
START_MS = 1_577_836_800_000  # 2020-01-01
PAGE = 1000
REPEATS = 5


class Pages(asyncio.Protocol):
    """Answers klines requests out of ready rows, and those for ready files; one per connection."""

    def __init__(self, rows: list[bytes], files: dict[str, bytes], now_ms: int) -> None:
        self._rows, self._files, self._now_ms = rows, files, now_ms
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            target = self._buffer[: self._buffer.find(b"\r\n")].split(b" ")[1].decode()
            self._buffer = self._buffer[end + 4 :]
            body = self._answer(target)
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    def _answer(self, target: str) -> bytes:
        parts = urlsplit(target)
        if parts.path in self._files:
            return self._files[parts.path]
        if parts.path.endswith("/time"):
            return json.dumps({"serverTime": self._now_ms}).encode()
        params = dict(parse_qsl(parts.query))
        first = max(int(params["startTime"]) - START_MS, 0) // MINUTE.ms
        last = (int(params["endTime"]) - START_MS) // MINUTE.ms + 1 if "endTime" in params else len(self._rows)
        return b"[" + b",".join(self._rows[first : min(last, first + int(params["limit"]))]) + b"]"


def make_rows(bars: int) -> list[list[str | int]]:
    """Return rows as Binance sends them, with numbers as long as real ones."""
    rows: list[list[str | int]] = []
    for bar in range(bars):
        opens, price = START_MS + bar * MINUTE.ms, 30_000 + bar * 37 % 10_007 / 10
        prices = (price, price + 9.5, price - 9.25, price + 3.75, 12.34567 + bar % 7)
        rows.append(
            [opens, *(f"{each:.8f}" for each in prices), opens + MINUTE.ms - 1, f"{price * 13:.8f}", 1234, "6.12345000", "1.5", "0"]
        )
    return rows


def make_files(bars: int) -> dict[str, bytes]:
    """Return the zips of the archive, and their checksums, by path."""
    lines, end_ms = [",".join(map(str, row)) for row in make_rows(bars)], START_MS + bars * MINUTE.ms
    files: dict[str, bytes] = {}
    for symbol in SYMBOLS:
        for file in plan_archive("BINANCE", symbol, MINUTE, START_MS, end_ms, end_ms):
            first, last = ((ms - START_MS) // MINUTE.ms for ms in (file.start_ms, file.end_ms))
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(file.member, "\n".join(lines[first:last]) + "\n")
            files[file.path] = packed.getvalue()
            files[file.checksum_path] = f"{hashlib.sha256(packed.getvalue()).hexdigest()}  {file.name}\n".encode()
    return files


def serve(bars: int, ready: Connection) -> None:
    """Serve until the process is ended; send the port through ``ready``."""

    async def run() -> None:
        rows, files = [json.dumps(row, separators=(",", ":")).encode() for row in make_rows(bars)], make_files(bars)
        server = await asyncio.get_running_loop().create_server(lambda: Pages(rows, files, START_MS + bars * MINUTE.ms), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def measure(port: int, bars: int, *, archive: bool = False) -> tuple[float, float]:
    """Download all bars of all symbols; return seconds on the wall and of this process's processor time."""
    facts = replace(SPOT, base_url=f"http://127.0.0.1:{port}", account_url=None, weight_limit=10**9)
    exchange = binance(HttpCore(facts))
    parts: list[Part] = []
    ranges = [SeriesRange(symbol, MINUTE, START_MS, START_MS + bars * MINUTE.ms) for symbol in SYMBOLS]
    began, spent = time.perf_counter(), time.process_time()
    whole = download(exchange, ranges, parts.append, settings=DownloadSettings(archive=archive))
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    if not whole or sum(part.bars for part in parts) != bars * len(SYMBOLS):
        sys.exit("the download is not complete")
    return seconds, processor


def main() -> None:
    """Measure and print."""
    bars = int(sys.argv[1]) if len(sys.argv) > 1 else 250_000
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(bars, theirs), daemon=True)
    server.start()
    port = ours.recv()
    os.environ["BINANCE_ARCHIVE_URL"] = f"http://127.0.0.1:{port}"
    total = bars * len(SYMBOLS)
    print(f"{total:,} candles of {len(SYMBOLS)} symbols in pages of {PAGE}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    for way, archive in (("REST", False), ("archive", True)):
        runs = [measure(port, bars, archive=archive) for _ in range(REPEATS)]
        rates = sorted(total / seconds for seconds, _processor in runs)
        processor = statistics.median(processor for _seconds, processor in runs)
        print(f"{way}: candles per second: median {statistics.median(rates):,.0f}, lowest {rates[0]:,.0f}, highest {rates[-1]:,.0f}")
        print(f"{way}: processor time of the client: {processor:.2f} s, which allows {total / processor:,.0f} a second and core")
    server.terminate()


if __name__ == "__main__":
    main()
