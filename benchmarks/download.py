"""How fast candles are downloaded when the venue's limit is lifted.

Usage: python -m benchmarks.download [BARS]

A server in a process of its own speaks Binance's klines protocol on the loopback interface, from pages made beforehand; the download
is the product's own: limiter, strict parser, checked candles and all. Prints candles per second and the processor time behind it.
"""

import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from urllib.parse import parse_qsl, urlsplit

from core.timeframe import Timeframe
from exchanges.binance import SPOT, binance
from exchanges.http import HttpCore
from exchanges.parallel import DownloadSettings, Part, SeriesRange, download

MINUTE = Timeframe.parse("1m")
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT")
START_MS = 1_577_836_800_000  # 2020-01-01
PAGE = 1000
REPEATS = 5


class Pages(asyncio.Protocol):
    """Answers klines requests out of ready pages; one per connection."""

    def __init__(self, pages: list[bytes], now_ms: int) -> None:
        self._pages, self._now_ms = pages, now_ms
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
        if parts.path.endswith("/time"):
            return json.dumps({"serverTime": self._now_ms}).encode()
        params = dict(parse_qsl(parts.query))
        page = self._pages[max(int(params["startTime"]) - START_MS, 0) // (PAGE * MINUTE.ms)]
        return page if int(params["limit"]) == PAGE else b"[" + page[1 : page.index(b"]") + 1] + b"]"


def make_pages(bars: int) -> list[bytes]:
    """Return the JSON of all pages, with numbers as long as real ones."""
    rows = []
    for bar in range(bars):
        opens, price = START_MS + bar * MINUTE.ms, 30_000 + bar * 37 % 10_007 / 10
        prices = (price, price + 9.5, price - 9.25, price + 3.75, 12.34567 + bar % 7)
        rows.append(
            [opens, *(f"{each:.8f}" for each in prices), opens + MINUTE.ms - 1, f"{price * 13:.8f}", 1234, "6.12345000", "1.5", "0"]
        )
    return [json.dumps(rows[at : at + PAGE], separators=(",", ":")).encode() for at in range(0, bars, PAGE)]


def serve(bars: int, ready: Connection) -> None:
    """Serve until the process is ended; send the port through ``ready``."""

    async def run() -> None:
        pages = make_pages(bars)
        server = await asyncio.get_running_loop().create_server(lambda: Pages(pages, START_MS + bars * MINUTE.ms), "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def measure(port: int, bars: int) -> tuple[float, float]:
    """Download all bars of all symbols; return seconds on the wall and of this process's processor time."""
    facts = replace(SPOT, base_url=f"http://127.0.0.1:{port}", account_url=None, weight_limit=10**9)
    exchange = binance(HttpCore(facts))
    parts: list[Part] = []
    ranges = [SeriesRange(symbol, MINUTE, START_MS, START_MS + bars * MINUTE.ms) for symbol in SYMBOLS]
    began, spent = time.perf_counter(), time.process_time()
    whole = download(exchange, ranges, parts.append, settings=DownloadSettings(archive=False))
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
    total = bars * len(SYMBOLS)
    runs = [measure(port, bars) for _ in range(REPEATS)]
    server.terminate()
    rates = sorted(total / seconds for seconds, _processor in runs)
    processor = statistics.median(processor for _seconds, processor in runs)
    print(f"{total:,} candles of {len(SYMBOLS)} symbols in pages of {PAGE}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"candles per second: median {statistics.median(rates):,.0f}, lowest {rates[0]:,.0f}, highest {rates[-1]:,.0f}")
    print(f"processor time of the client: {processor:.2f} s, which allows {total / processor:,.0f} candles per second and core")


if __name__ == "__main__":
    main()
